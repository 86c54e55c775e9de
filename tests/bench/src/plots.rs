//! Plots: what a reconnect costs against documents held, and against documents changed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use crate::report::Results;
use crate::sample::Row;

type Lines = BTreeMap<String, Vec<(f64, f64)>>;

/// What one plot says.
struct Plot<'a> {
    file: &'a str,
    title: &'a str,
    across: &'a str,
    lines: Lines,
}

/// Draws both beside `results.json`.
pub(crate) fn draw(out: &Path, results: &Results) -> Result<()> {
    let lines = |chosen: &dyn Fn(&Row) -> bool, across: &dyn Fn(&Row) -> u64| {
        let mut lines = Lines::new();
        for row in results.rows.iter().filter(|row| row.workload == "W1" && chosen(row)) {
            let point = (across(row) as f64, row.median.wall_ms);
            lines.entry(row.system.clone()).or_default().push(point);
        }
        lines.retain(|_, points| points.len() > 1);
        lines.values_mut().for_each(|points| points.sort_by(|a, b| a.0.total_cmp(&b.0)));
        lines
    };
    let plots = [
        Plot {
            file: "reconnect-by-documents.svg",
            title: "Reconnect, 10 documents changed: wall time (ms, log)",
            across: "documents held (log)",
            lines: lines(&|row| row.changes == 10, &|row| row.documents),
        },
        Plot {
            file: "reconnect-by-changes.svg",
            title: "Reconnect, 10,000 documents: wall time (ms, log)",
            across: "documents changed (log; 1 stands for none)",
            lines: lines(&|row| row.documents == 10_000, &|row| row.changes.max(1)),
        },
    ];
    plots.into_iter().filter(|plot| !plot.lines.is_empty()).try_for_each(|plot| one(out, plot))
}

fn one(out: &Path, plot: Plot<'_>) -> Result<()> {
    let Plot { file, title, across, lines } = plot;
    let points = || lines.values().flatten();
    let span = |of: fn(&(f64, f64)) -> f64, beyond: f64| {
        let least = points().map(of).fold(f64::INFINITY, f64::min);
        let most = points().map(of).fold(0.0, f64::max);
        least * 0.7..most * beyond
    };
    // The names have the right margin for themselves.
    let (right, above) = (10.0, 1.5);
    let path = out.join(file);
    let area = SVGBackend::new(&path, (900, 540)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(span(|p| p.0, right).log_scale(), span(|p| p.1, above).log_scale())?;
    chart.configure_mesh().x_desc(across).y_desc("ms").light_line_style(WHITE).draw()?;
    for (index, (system, points)) in lines.iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        let ends = points.iter().map(move |point| Circle::new(*point, 4, colour.filled()));
        chart
            .draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?
            .label(system)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(ends)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    Ok(area.present()?)
}
