//! The chart: one line an operation, a mark for each of those it is compared with.

use crate::{
    Result,
    page::size,
    results::{Operation, Results},
};
use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::{
        Cartesian2d, ChartBuilder, ChartContext, Circle, Cross, DrawingArea, EmptyElement,
        IntoDrawingArea, IntoTextStyle, LineSeries, PathElement, RGBColor, SVGBackend, Text,
        TextStyle, TriangleMarker,
    },
    style::{
        Color,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// Those of which people ask.
const SHOWN: [(&str, &str); 5] = [
    ("packet", "seal"),
    ("packet", "open"),
    ("frame", "forward"),
    ("handshake", "hello, client"),
    ("handshake", "reply, relay"),
];
/// Distinct in form and in colour, on white and on black alike.
const OTHERS: [(&str, RGBColor); 3] = [
    ("limit", RGBColor(0x8a, 0x6d, 0xd9)),
    ("libsodium", RGBColor(0x1f, 0x9e, 0x89)),
    ("naive", RGBColor(0xd9, 0x7b, 0x29)),
];
const LINES: RGBColor = RGBColor(0x80, 0x88, 0x90);
/// Letters follow the reader's colour scheme; plotters knows one colour for each.
const STYLE: &str = "<style>text{fill:#1f2328}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>";
const WIDTH: u32 = 800;
const LINE: u32 = 28;
const FRAME: u32 = 110;
/// Where the axis ends; what lies beyond is drawn at its end.
const END: f64 = 2.0;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The whole file.
pub(crate) fn svg(results: &Results) -> Result<String> {
    let operations: Vec<_> = SHOWN
        .iter()
        .flat_map(|(row, name)| results.row(row).filter(move |operation| operation.name == *name))
        .collect();
    let height = FRAME + LINE * u32::try_from(operations.len())?;
    let mut svg = String::new();
    draw(
        &SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area(),
        results,
        &operations,
    )?;
    let (head, body) = svg.split_once(">\n").ok_or("plotters wrote no SVG")?;
    Ok(format!("{head}>\n{STYLE}\n{body}"))
}

fn draw(area: &Area<'_>, results: &Results, operations: &[&Operation]) -> Result<()> {
    let bottom = operations.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .margin_right(40)
        .set_label_area_size(plotters::prelude::LabelAreaPosition::Left, 170)
        .set_label_area_size(plotters::prelude::LabelAreaPosition::Bottom, 50)
        .build_cartesian_2d(0.0..END, bottom..-1.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(LINES.mix(0.0))
        .bold_line_style(LINES.mix(0.35))
        .axis_style(LINES)
        .x_labels(9)
        .x_label_formatter(&|x| format!("{x:.2}"))
        .x_desc("our time ÷ theirs: left of 1, ours is faster")
        .label_style(("sans-serif", 17))
        .draw()?;
    chart.draw_series(LineSeries::new([(1.0, bottom), (1.0, -0.4)], LINES.stroke_width(2)))?;
    for (column, (other, _)) in OTHERS.iter().enumerate() {
        let at = (0.04 + 0.36 * column as f64, -0.7);
        mark(&mut chart, other, at)?;
        label(&mut chart, &format!("÷ {other}"), at, 12, HPos::Left)?;
    }
    for (line, operation) in operations.iter().enumerate() {
        let y = line as f64 + 0.5;
        let text = format!("{} {}", operation.name, size(operation.size));
        label(&mut chart, text.trim_end(), (0.0, y), -12, HPos::Right)?;
        chart.draw_series([PathElement::new([(0.0, y), (END, y)], LINES.mix(0.2))])?;
        for (other, _) in OTHERS {
            if let Some(ratio) = results.ratio(operation, other) {
                mark(&mut chart, other, (ratio.min(END), y))?;
            }
        }
    }
    area.present()?;
    Ok(())
}

fn label(
    chart: &mut Chart<'_, '_>,
    text: &str,
    at: (f64, f64),
    right: i32,
    side: HPos,
) -> Result<()> {
    let style: TextStyle<'_> = ("sans-serif", 17).into_text_style(chart.plotting_area());
    let style = style.pos(Pos::new(side, VPos::Center));
    let text = EmptyElement::at(at) + Text::new(text.to_owned(), (right, 0), style);
    Ok(chart.draw_series([text])?).map(|_| ())
}

fn mark(chart: &mut Chart<'_, '_>, other: &str, at: (f64, f64)) -> Result<()> {
    let colour =
        OTHERS.iter().find(|(name, _)| *name == other).map_or(LINES, |(_, colour)| *colour);
    match other {
        "limit" => chart.draw_series([Circle::new(at, 5, colour.filled())]).map(|_| ())?,
        "libsodium" => {
            chart.draw_series([TriangleMarker::new(at, 7, colour.filled())]).map(|_| ())?
        }
        _ => chart.draw_series([Cross::new(at, 5, colour.stroke_width(3))]).map(|_| ())?,
    }
    Ok(())
}
