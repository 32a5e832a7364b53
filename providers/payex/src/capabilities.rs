//! To be written: capabilities.
