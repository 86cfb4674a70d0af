//! A file for a report.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::Form;

/// Where a report goes, and in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: PathBuf,
    /// By its ending.
    pub(crate) form: Form,
}

/// Endings and what they mean; the longer first.
const ENDINGS: [(&str, Form); 6] = [
    (".sarif.json", Form::Sarif),
    (".sarif", Form::Sarif),
    (".json", Form::Json),
    (".html", Form::Html),
    (".xml", Form::Junit),
    (".txt", Form::Text),
];

impl Place {
    /// Reads `--report`.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        let known = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
        let (_, form) = known.ok_or_else(|| {
            "the ending says the form: .html, .json, .xml (JUnit), .sarif or .txt".to_owned()
        })?;
        Ok(Self { path: name.into(), form: *form })
    }

    /// Whether the file can be replaced as a whole, again and again. A pipe or a device cannot: it
    /// gets the report once, at the end.
    pub(crate) fn is_file(&self) -> bool {
        std::fs::metadata(&self.path).map_or(true, |known| known.is_file())
    }

    /// What keeps a report out of this place, before there is one.
    pub(crate) fn fault(&self) -> Option<String> {
        let is_folder = std::fs::metadata(&self.path).is_ok_and(|known| known.is_dir());
        is_folder.then(|| format!("--report {}: a folder; name a file in it", self.path.display()))
    }

    /// Puts `text` in the place of what was there. Whoever reads the file sees the one or the other,
    /// never a part.
    pub(crate) fn replace(&self, text: &str) -> Result<(), String> {
        let written = if self.is_file() {
            replaced(&self.path, text)
        } else {
            std::fs::write(&self.path, text)
        };
        written.map_err(|error| format!("--report {}: {}", self.path.display(), unwritable(&error)))
    }
}

/// Why a file cannot be written, without the name of the one that was to take its place.
pub(crate) fn unwritable(error: &std::io::Error) -> String {
    format!("cannot be written: {}; name a file in a folder of yours", error.kind())
}

/// Puts `text` in the place of what was at `path`, at once and as a whole. A link goes on pointing
/// where it did, and a file keeps its permissions.
pub(crate) fn replaced(path: &Path, text: &str) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|known| !known.is_file()) {
        // A pipe or a device stays what it is.
        return std::fs::write(path, text);
    }
    let known = std::fs::canonicalize(path);
    let path = known.as_deref().unwrap_or(path);
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sealwire-");
    let before = std::fs::metadata(path).map(|known| known.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A report is for others, as any file that a program writes; the process's mask still holds.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    if let Ok(before) = before {
        file.as_file().set_permissions(before)?;
    }
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        for (name, form) in [
            ("a/report.html", Form::Html),
            ("report.json", Form::Json),
            ("report.sarif.json", Form::Sarif),
            ("junit.xml", Form::Junit),
            ("x.txt", Form::Text),
        ] {
            assert_eq!(Place::parse(name).map(|place| place.form), Ok(form), "{name}");
        }
        assert!(Place::parse("report").expect_err("no form").contains(".html"));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_to_and_stays() {
        use std::os::unix::fs::FileTypeExt;
        let kind = || std::fs::metadata("/dev/null").expect("a device").file_type();
        assert!(kind().is_char_device());
        replaced(Path::new("/dev/null"), "text").expect("written");
        assert!(kind().is_char_device());
    }

    #[test]
    fn a_report_replaces_the_one_before_and_leaves_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("report.txt");
        let place = Place::parse(path.to_str().expect("UTF-8")).expect("a place");
        for text in ["a longer one", "short"] {
            place.replace(text).expect("written");
            assert_eq!(std::fs::read_to_string(&path).expect("readable"), text);
        }
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1);
        let lost = Place::parse("/nowhere/at/all/report.json").expect("a place").replace("x");
        assert!(
            lost.expect_err("no such directory").contains("/nowhere/at/all/report.json: cannot")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_file_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.txt"), folder.path().join("link.txt"));
        std::fs::write(&real, "old").expect("written");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).expect("set");
        symlink(&real, &link).expect("a link");
        replaced(&link, "new").expect("replaced");
        assert!(std::fs::symlink_metadata(&link).expect("known").is_symlink());
        assert_eq!(std::fs::read_to_string(&real).expect("readable"), "new");
        let mode =
            |path: &Path| std::fs::metadata(path).expect("known").permissions().mode() & 0o777;
        assert_eq!(mode(&real), 0o600);
        let fresh = folder.path().join("fresh.txt");
        replaced(&fresh, "x").expect("written");
        assert_eq!(mode(&fresh) & 0o444, 0o444, "others may read what is new, by the usual mask");
    }

    #[test]
    fn a_folder_is_no_place_and_a_pipe_is_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let named = folder.path().join("d.json");
        std::fs::create_dir(&named).expect("a folder");
        let place = Place::parse(named.to_str().expect("UTF-8")).expect("a place");
        assert!(place.fault().expect("a fault").contains("a folder"));
        assert!(!Place { path: "/dev/null".into(), form: Form::Text }.is_file());
    }
}
