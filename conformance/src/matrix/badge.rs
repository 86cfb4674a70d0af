//! A badge: one small picture, a line for each implementation.

use askama::Template;

use super::{Column, Matrix};
use crate::report::shortened;

/// Of a character of the badge's font, about.
const CHARACTER: f32 = 6.6;
/// Left and right of a text.
const MARGIN: f32 = 8.0;
/// Characters of a name.
const LONGEST: usize = 40;
/// Of a line.
const HEIGHT: usize = 20;

#[derive(Template)]
#[template(path = "badge.svg", escape = "html")]
struct Badge {
    lines: Vec<Line>,
    /// Of the names.
    left: usize,
    /// Of the verdicts.
    right: usize,
    width: usize,
    height: usize,
}

struct Line {
    top: usize,
    base: usize,
    name: String,
    said: String,
    colour: &'static str,
}

/// The badge as SVG.
pub(super) fn render(matrix: &Matrix) -> Result<String, String> {
    let lines: Vec<_> = matrix.columns.iter().enumerate().map(line).collect();
    let widest = |text: fn(&Line) -> &str| lines.iter().map(|line| width(text(line))).max();
    let left = widest(|line| &line.name).unwrap_or_default();
    let right = widest(|line| &line.said).unwrap_or_default();
    let height = HEIGHT * lines.len();
    let badge = Badge { left, right, width: left + right, height, lines };
    badge.render().map_err(|error| error.to_string())
}

fn line((at, column): (usize, &Column)) -> Line {
    let totals = column.totals();
    let conclusion = column.conclusion();
    let colour = match conclusion.tone() {
        "good" => "#1c6b3c",
        "warn" => "#8a6100",
        _ => "#a3211b",
    };
    Line {
        top: at * HEIGHT,
        base: at * HEIGHT + 14,
        name: format!("Sealwire · {}", shortened(&column.name, LONGEST)),
        said: format!("{} · {} of {}", conclusion.said(), totals.pass, totals.judged()),
        colour,
    }
}

/// Pixels that a text takes with its margins.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
fn width(text: &str) -> usize {
    (text.chars().count() as f32 * CHARACTER + 2.0 * MARGIN).ceil() as usize
}
