//! The one transition function. To be written.
