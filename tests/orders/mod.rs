//! Orders as CONTRACT 5 and 8.5 tell them.

mod claims;
mod registration;
