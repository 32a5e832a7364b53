//! The files of the repository as the rules see them, and what a rule says about them. No rule lives here.

use std::fmt;
use std::fs;
use std::path::Path;

/// One text file, named by its path from the root with forward slashes.
pub struct SourceFile {
    pub path: String,
    pub text: String,
}

impl SourceFile {
    /// The folders and the file, with the extension taken off the last one.
    pub fn segments(&self) -> Vec<&str> {
        let stem = self
            .path
            .rsplit_once('.')
            .map_or(self.path.as_str(), |(stem, _)| stem);
        stem.split('/').collect()
    }

    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The lines with their numbers, counted from 1 as editors do.
    pub fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    pub fn finding(&self, line: usize, rule: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            rule: rule.into(),
        }
    }
}

/// A broken rule, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub rule: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

pub struct Tree {
    pub files: Vec<SourceFile>,
}

impl Tree {
    /// Every text file of this checkout that belongs to the project: what is built, downloaded or hidden does not.
    pub fn of_the_repository() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        read_folder(root, "", &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// A made-up repository, for trying the rules themselves.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Self { files }
    }

    pub fn under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a SourceFile> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder))
    }

    pub fn rust_under<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a SourceFile> {
        self.under(folder).filter(|file| file.extension() == "rs")
    }

    pub fn find(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn read_folder(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) {
    // cargo marks the folders that it fills, wherever they are.
    if folder.join("CACHEDIR.TAG").exists() {
        return;
    }
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{} cannot be listed: {error}", folder.display()));
    for entry in entries {
        let entry =
            entry.unwrap_or_else(|error| panic!("an entry of {prefix} cannot be read: {error}"));
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if is_foreign(&name) {
            continue;
        }
        if path.is_dir() {
            read_folder(&path, &format!("{prefix}{name}/"), files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            // What is no UTF-8 (a picture, a database) is not for reading.
            files.push(SourceFile {
                path: format!("{prefix}{name}"),
                text,
            });
        }
    }
}

fn is_foreign(name: &str) -> bool {
    let hidden = name.starts_with('.') && ![".ci", ".config", ".dockerignore"].contains(&name);
    hidden || ["target", "node_modules", "data", "corpus", "artifacts"].contains(&name)
}
