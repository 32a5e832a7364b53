//! The built binary as a process of its own: started with nothing of our environment, read line by
//! line, stopped by signals.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::task::spawn_blocking;
use url::Url;

use super::witness::wait_for;

/// Well above what a busy machine needs.
const LIMIT: Duration = Duration::from_secs(30);

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Runs a command to its end.
pub async fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let (status, out, err) = Program::start(arguments, variables).ends(LIMIT).await;
    Said {
        code: status.code(),
        out,
        err,
    }
}

/// A process that runs; killed when it is dropped.
pub struct Program {
    child: Child,
    lines: Receiver<String>,
    err: JoinHandle<String>,
}

impl Program {
    /// Starts the binary with these arguments and only these variables: no setting of the machine
    /// leaks in.
    pub fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mcpay"))
            .args(arguments)
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be started");
        let stdout = child.stdout.take().expect("its output");
        let mut stderr = child.stderr.take().expect("its errors");
        let (send, lines) = channel();
        // Both are read as they come: a full pipe would hold the program up.
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        let err = thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Running(Some(Self { child, lines, err }))
    }
}

/// Owns a [`Program`] until it has ended.
pub struct Running(Option<Program>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(program) = &mut self.0 {
            let _ = program.child.kill();
            let _ = program.child.wait();
        }
    }
}

impl Running {
    fn program(&mut self) -> &mut Program {
        self.0.as_mut().expect("it has not ended")
    }

    /// Reads its output up to a line that begins with `label`, and the address in that line.
    pub async fn reads_address(&mut self, label: &str) -> Url {
        let program = self.program();
        let text = wait_for("the program says where it listens", LIMIT, async || {
            let mut lines = program.lines.try_iter();
            lines.find_map(|line| Some(line.trim_start().strip_prefix(label)?.trim().to_owned()))
        })
        .await;
        Url::parse(&text).expect("an address")
    }

    /// Ends it without any warning, as a lost machine would.
    pub fn dies(self) {
        drop(self);
    }

    /// Asks it to stop, as an orchestrator does.
    pub fn is_told_to_stop(&mut self) {
        let pid = self.program().child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.expect("kill can be started").success());
    }

    /// Waits for its end, and answers how it ended, what it said and what it logged.
    pub async fn ends(mut self, within: Duration) -> (ExitStatus, String, String) {
        let program = self.program();
        let status = wait_for("the program ends", within, async || {
            program.child.try_wait().expect("it can be waited for")
        })
        .await;
        let Program { lines, err, .. } = self.0.take().expect("it has just ended");
        let read = spawn_blocking(move || {
            let out: Vec<String> = lines.iter().collect();
            (out.join("\n"), err.join().expect("its errors were read"))
        });
        let (out, err) = read.await.expect("what it said");
        (status, out, err)
    }
}
