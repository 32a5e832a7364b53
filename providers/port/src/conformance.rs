//! The suite every adapter passes against its sandbox.
