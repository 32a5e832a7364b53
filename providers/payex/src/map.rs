//! To be written: map.
