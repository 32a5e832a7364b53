//! The command line: parse, set up the logs, hand over to a command.

use std::process::ExitCode;

use clap::Parser as _;
use mcpay::cli;
use mcpay::config::CommandLine;
use mcpay::telemetry;

#[tokio::main]
async fn main() -> ExitCode {
    let line = CommandLine::parse();
    telemetry::init(&line.logs.filter, line.logs.format);
    match cli::run(line.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("mcpay: {sentence}");
            ExitCode::FAILURE
        }
    }
}
