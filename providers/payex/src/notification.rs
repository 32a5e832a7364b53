//! To be written: notification.
