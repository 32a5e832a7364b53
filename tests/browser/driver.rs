//! Starts chromedriver and Chromium, and takes both away again, also when the test panics.
//!
//! What must never live here: what is on a page.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use url::Url;

/// How long chromedriver gets to start.
const HELLO: Duration = Duration::from_secs(20);
/// How long chromedriver gets to put its browsers away.
const GOODBYE: Duration = Duration::from_secs(10);
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// What differs from the usual browser.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// Pages run no script, as with a payer who switched JavaScript off.
    pub without_javascript: bool,
}

/// A Chromium of the test's own. Dropping it ends it.
pub struct Driver {
    pub client: Client,
    // The order counts: the process ends before its profile is removed.
    _process: Process,
    _profile: TempDir,
}

impl Driver {
    pub async fn start(manner: Manner) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let process = Process::start();
        let mut flags: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", profile.path().display()));
        flags.push("--window-size=1280,1000".to_owned());
        let scripts = if manner.without_javascript { 2 } else { 1 };
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": find("CHROMIUM", &["chromium", "chromium-browser", "google-chrome"]),
                "args": flags,
                "prefs": { "profile.managed_default_content_settings.javascript": scripts },
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(as_map(capabilities))
            .connect(&format!("http://127.0.0.1:{}", process.port))
            .await
            .expect("Chromium starts; set CHROMIUM when it is not the one in PATH");
        Self {
            client,
            _process: process,
            _profile: profile,
        }
    }

    /// What the browser's console said since the last call: scripts' words, violations of the
    /// policy, addresses that answered an error.
    pub async fn console(&self) -> Vec<String> {
        let command = Plain::new("se/log", &json!({ "type": "browser" }));
        let entries = self.client.issue_cmd(command).await.expect("the console");
        let entries = entries.as_array().expect("a list").iter();
        entries
            .map(|entry| format!("{} {}", entry["level"], entry["message"]))
            .collect()
    }

    /// Speaks to the page itself again, whatever frame was spoken to.
    pub async fn leave_frames(&self) -> Result<(), CmdError> {
        let command = Plain::new("frame", &json!({ "id": null }));
        self.client.issue_cmd(command).await.map(|_| ())
    }
}

fn as_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// A command of chromedriver, standard or its own, that fantoccini has no name for.
#[derive(Debug)]
struct Plain {
    path: &'static str,
    body: String,
}

impl Plain {
    fn new(path: &'static str, body: &Value) -> Self {
        Self {
            path,
            body: body.to_string(),
        }
    }
}

impl WebDriverCompatibleCommand for Plain {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or(""), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.body.clone()))
    }
}

/// chromedriver on a port that it chose itself.
struct Process {
    child: Child,
    port: u16,
}

impl Process {
    fn start() -> Self {
        let program = find("CHROMEDRIVER", &["chromedriver"]);
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
        let said = child.stdout.take().expect("its output");
        let (tell, port) = mpsc::channel();
        // It goes on reading until chromedriver ends, because a full pipe would stop it.
        std::thread::spawn(move || {
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if let Some((_, end)) = line.split_once("started successfully on port ") {
                    let _ = tell.send(end.trim().trim_end_matches('.').parse::<u16>());
                }
            }
        });
        let mut process = Self { child, port: 0 };
        match port.recv_timeout(HELLO) {
            Ok(Ok(port)) => process.port = port,
            _ => panic!("{} did not tell its port", program.display()),
        }
        process
    }

    /// Asks chromedriver to end; it takes its browsers with it, which killing it would not.
    fn ask_to_end(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(GOODBYE))?;
        let host = format!("127.0.0.1:{}", self.port);
        write!(
            stream,
            "GET /shutdown HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new()).map(|_| ())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.ask_to_end().is_ok() {
            let deadline = Instant::now() + GOODBYE;
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program that the variable names, else the first of these names in `PATH`.
fn find(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(path) = env::var_os(variable) {
        return path.into();
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!(
                "The browser tests need {}, and it is not in PATH. Install Chromium and \
                 chromedriver, run scripts/test, or set {variable} to its path.",
                names[0]
            )
        })
}
