//! The chart: for each traffic a bar for each contender, against the ceiling.

use plotters::{
    coord::types::RangedCoordf64,
    prelude::{
        Cartesian2d, ChartBuilder, ChartContext, EmptyElement, IntoDrawingArea, LabelAreaPosition,
        RGBColor, Rectangle, SVGBackend, Text,
    },
    style::{
        Color, IntoTextStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use crate::{
    Result,
    contender::Contender::{self, Ceiling, CeilingMask, Iroh, Obvious, Relay},
    figures::{FORWARDING, Traffic},
    page::PER_CPU,
    results::Results,
};

/// Distinct on white and on black alike.
const BARS: [(Contender, RGBColor); 4] = [
    (CeilingMask, RGBColor(0x8a, 0x6d, 0xd9)),
    (Relay, RGBColor(0x1f, 0x9e, 0x89)),
    (Obvious, RGBColor(0xd9, 0x7b, 0x29)),
    (Iroh, RGBColor(0x4a, 0x8f, 0xd6)),
];
const LINES: RGBColor = RGBColor(0x80, 0x88, 0x90);
/// Letters follow the reader's colour scheme; plotters knows one colour for each.
const STYLE: &str = "<style>text{fill:#1f2328}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>";
const SIZE: (u32, u32) = (800, 560);
/// Where the axis ends; what lies beyond is drawn at its end.
const END: f64 = 1.4;
/// A bar, and the gap between two groups of them.
const BAR: f64 = 1.0;
const GROUP: f64 = 5.2;

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The whole file.
pub(crate) fn svg(results: &Results) -> Result<String> {
    let mut svg = String::new();
    draw(&mut svg, results)?;
    let (head, body) = svg.split_once(">\n").ok_or("plotters wrote no SVG")?;
    Ok(format!("{head}>\n{STYLE}\n{body}"))
}

fn draw(svg: &mut String, results: &Results) -> Result<()> {
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    let bottom = GROUP * FORWARDING.len() as f64;
    let mut chart = ChartBuilder::on(&area)
        .margin(10)
        .margin_right(30)
        .set_label_area_size(LabelAreaPosition::Left, 180)
        .set_label_area_size(LabelAreaPosition::Bottom, 50)
        .build_cartesian_2d(0.0..END, bottom..0.0)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(LINES.mix(0.0))
        .bold_line_style(LINES.mix(0.35))
        .axis_style(LINES)
        .x_labels(8)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .x_desc("frames a CPU-second ÷ those of the ceiling: longer is faster")
        .label_style(("sans-serif", 17))
        .draw()?;
    for (group, Traffic { name, .. }) in FORWARDING.into_iter().enumerate() {
        let top = GROUP * group as f64 + 0.6;
        label(&mut chart, name, (0.0, top + BAR * BARS.len() as f64 / 2.0), -12, HPos::Right)?;
        for (line, (of, colour)) in BARS.into_iter().enumerate() {
            let y = top + BAR * line as f64;
            let found = results.ratio((name, of), (name, Ceiling), PER_CPU);
            let end = found.unwrap_or_default().min(END);
            let bar = Rectangle::new([(0.0, y + 0.1), (end, y + BAR - 0.1)], colour.filled());
            chart.draw_series([bar])?;
            let shown = found.map_or("failed".to_owned(), |ratio| format!("{ratio:.2}"));
            let text = format!("{} {shown}", of.name());
            label(&mut chart, &text, (end, y + BAR / 2.0), 6, HPos::Left)?;
        }
    }
    area.present()?;
    Ok(())
}

/// A text so many pixels to the right of a point.
fn label(
    chart: &mut Chart<'_, '_>,
    text: &str,
    at: (f64, f64),
    right: i32,
    side: HPos,
) -> Result<()> {
    let style: TextStyle<'_> = ("sans-serif", 15).into_text_style(chart.plotting_area());
    let style = style.pos(Pos::new(side, VPos::Center));
    let text = EmptyElement::at(at) + Text::new(text.to_owned(), (right, 0), style);
    Ok(chart.draw_series([text])?).map(|_| ())
}
