//! `sealwire spec`: the specification as a book for a browser, or a chapter of it as it stands.
//!
//! | file | what |
//! |---|---|
//! | [`source`] | the texts, and which page each becomes |
//! | [`markdown`], [`words`], [`links`] | Markdown to HTML |
//! | [`clause`] | a clause as a block, with what holds it |
//! | [`ruler`] | the annotated examples |
//! | [`search`] | what the search field finds |
//! | [`pages`] | the pages, ready to be written |

mod clause;
mod links;
mod markdown;
mod pages;
mod ruler;
mod search;
mod source;
#[cfg(test)]
mod tests;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::{Exit, complain};
use crate::report::print;
use pages::Page;
#[cfg(test)]
pub(crate) use ruler::Example;

/// By this a page is known as one that may be written again.
const MARK: &str = "data-sealwire-spec";

/// What to read, and in which form.
#[derive(Args, Debug)]
pub(crate) struct Spec {
    /// Print this text: a chapter by its number or name, README, security, testing or vectors.
    /// Without it, list them.
    #[arg(conflicts_with = "html")]
    chapter: Option<String>,
    /// Write everything as pages for a browser, which need no network, into this folder.
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
}

/// `sealwire spec`.
pub(crate) fn spec(asked: &Spec) -> Exit {
    match (&asked.html, &asked.chapter) {
        (Some(folder), _) => publish(folder),
        (None, Some(name)) => match source::called(name) {
            Some(document) => {
                print(document.text);
                Exit::Conforms
            }
            None => {
                complain(&format!("no chapter is called {name:?}; sealwire spec lists them"));
                Exit::Usage
            }
        },
        (None, None) => {
            let line = |it: source::Document| format!("{:24}{}\n", it.name, it.title());
            print(&source::documents().map(line).collect::<String>());
            Exit::Conforms
        }
    }
}

/// Writes the pages and says where to begin.
fn publish(folder: &Path) -> Exit {
    let pages = match pages::all() {
        Ok(pages) => pages,
        Err(fault) => {
            complain(&fault);
            return Exit::Broken;
        }
    };
    if let Err(fault) = write(folder, &pages) {
        complain(&fault);
        return Exit::Usage;
    }
    let first = pages.first().map(|page| folder.join(&page.name)).unwrap_or_default();
    print(&format!("{} pages; begin with {}\n", pages.len(), first.display()));
    Exit::Conforms
}

/// Writes every page into `folder`, or none if a file of somebody else has the name of one.
fn write(folder: &Path, pages: &[Page]) -> Result<(), String> {
    let failed = |path: &Path, error| {
        format!("cannot write {}: {error}; name a folder that can be written", path.display())
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let files: Vec<_> = pages.iter().map(|page| (folder.join(&page.name), &page.html)).collect();
    for (path, _) in &files {
        if path.exists() && !std::fs::read_to_string(path).is_ok_and(|text| text.contains(MARK)) {
            let path = path.display();
            return Err(format!("{path} is no page of the specification; name another folder"));
        }
    }
    for (path, html) in files {
        std::fs::write(&path, html).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
