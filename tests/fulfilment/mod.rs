//! Fulfilment as CONTRACT 5, 8.5 and 8.6 tell it.

mod backend;
mod browser;
mod tabs;
