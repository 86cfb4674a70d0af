//! What the command line says about itself: manual pages and completions.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man as Page;

use super::{Cli, Exit, unusable};
use crate::report::print;

/// Which shell.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell that reads the script.
    #[arg(value_enum)]
    shell: Shell,
}

/// Where the manual goes.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// Write a page for each command into this folder, instead of printing that of sealwire.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// `sealwire completions`.
pub(crate) fn completions(asked: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut Cli::command(), "sealwire", &mut script);
    print(&String::from_utf8_lossy(&script));
    Exit::Conforms
}

/// `sealwire man`.
pub(crate) fn man(asked: &Man) -> Exit {
    let Some(folder) = &asked.dir else {
        print(&page(Page::new(Cli::command())));
        return Exit::Conforms;
    };
    match pages(folder) {
        Ok(()) => Exit::Conforms,
        Err(fault) => unusable(&fault),
    }
}

/// Writes the page of every command that is not hidden.
fn pages(folder: &Path) -> Result<(), String> {
    let named = |error: std::io::Error| format!("--dir {}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(named)?;
    let mut all = Cli::command();
    all.build();
    let told = |command: &&clap::Command| !command.is_hide_set() && command.get_name() != "help";
    let commands: Vec<_> = all.get_subcommands().filter(told).collect();
    for command in std::iter::once(&all).chain(commands) {
        let name = match command.get_name() {
            "sealwire" => "sealwire.1".to_owned(),
            name => format!("sealwire-{name}.1"),
        };
        // `sealwire relay` is found by `man sealwire-relay`, as with other programs of many commands.
        let title = name.trim_end_matches(".1").to_owned();
        let text = page(Page::new(command.clone().name(title)));
        fs::write(folder.join(&name), text).map_err(named)?;
        print(&format!("{}\n", folder.join(name).display()));
    }
    Ok(())
}

fn page(page: Page) -> String {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = page.render(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_an_example() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(man(&Man { dir: Some(folder.path().join("man1")) }), Exit::Conforms);
        let command = Cli::command();
        for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            let name = format!("man1/sealwire-{}.1", command.get_name());
            let page = fs::read_to_string(folder.path().join(name)).expect("a page");
            assert!(page.contains("Examples:") && page.contains("Exit codes"), "{page}");
        }
        let all = fs::read_to_string(folder.path().join("man1/sealwire.1")).expect("a page");
        assert!(!all.contains("twin") || !all.contains("twin\\-relay"), "hidden: {all}");
    }

    #[test]
    fn every_shell_gets_its_script() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "sealwire", &mut script);
            assert!(String::from_utf8_lossy(&script).contains("coverage"), "{shell}");
        }
    }
}
