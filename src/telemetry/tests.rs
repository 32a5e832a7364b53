//! What an operator gets to read.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn starting_twice_changes_nothing_and_does_not_panic() {
    init("info", Some(LogFormat::Json));
    init("debug", Some(LogFormat::Text));
    init("mcpay=loud,,=,", None);
}

#[test]
fn a_filter_that_cannot_be_read_becomes_the_default() {
    let (filter, bad) = choose_filter("mcpay=loud,,=,");
    assert!(bad);
    assert_eq!(
        filter.to_string(),
        choose_filter(DEFAULT_FILTER).0.to_string(),
        "not the default"
    );
}

#[test]
fn a_json_line_holds_the_message_and_its_fields() {
    let page = Page::default();
    let writer = page.clone();
    let logs = json(choose_filter(DEFAULT_FILTER).0, move || writer.clone());
    tracing::subscriber::with_default(logs, || {
        tracing::info!(job = "publish", "Something happened.");
        tracing::debug!("Nobody asked for this.");
    });
    let text = page.text();
    assert_eq!(text.lines().count(), 1, "{text}");
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["message"], "Something happened.");
    assert_eq!(line["job"], "publish");
    assert_eq!(line["level"], "INFO");
}

#[test]
fn noisy_libraries_are_silent_unless_they_are_named() {
    let lines_with = |filter: &str| {
        let page = Page::default();
        let writer = page.clone();
        let logs = text(choose_filter(filter).0, move || writer.clone(), false);
        tracing::subscriber::with_default(logs, || {
            tracing::error!(target: "lapin::io_loop", "A frame.");
            tracing::trace!(target: "mcpay::events", "Ours.");
        });
        page.text()
    };
    let everything = lines_with("trace");
    assert!(everything.contains("Ours."), "{everything}");
    assert!(!everything.contains("A frame."), "{everything}");
    let named = lines_with("info,lapin=error");
    assert!(named.contains("A frame."), "{named}");
    assert!(!named.contains("Ours."), "{named}");
}
