//! Which curves, marks and words a report puts on its picture.

use crate::judge::{Answer, JUMP_FACTOR};
use crate::messages::report as say;

use super::picture::gallery::Frame;
use super::picture::{Band, KillMark, Labels, Picture};
use super::{Report, words};

/// The picture of a judged report.
pub fn figure(report: &Report) -> Picture<'_> {
    let steps_per_epoch = report.steps_per_epoch();
    let kill = report
        .kill
        .as_ref()
        .map(|kill| KillMark { x: kill.step as f64 / steps_per_epoch, label: say::picture_kill() });
    Picture {
        title: say::picture_title(&report.scenario.trainer),
        control: &report.curves.control,
        interrupted: &report.curves.interrupted,
        resumed: report.resumed_in_place().into(),
        steps_per_epoch,
        epochs: report.total_epochs(),
        band: band(report, steps_per_epoch),
        kill,
        verdict: words::headline(report),
        passed: match report.verdict {
            Answer::SameRun => Some(true),
            Answer::NotSameRun => Some(false),
            Answer::NotJudged => None,
        },
        missing: report.components.iter().filter_map(words::on_picture).collect(),
        labels: Labels {
            val_loss: say::picture_loss(),
            log_scale: say::picture_log_scale(),
            epoch: say::picture_epoch(),
            lr: say::picture_lr(),
            loss_scale: say::picture_scale(),
            control: say::picture_control(),
            before: say::picture_before(),
            after: say::picture_after(),
            band: say::picture_band(),
            zoom: say::picture_zoom(),
            off_scale: say::picture_off_scale(),
            more: say::picture_more(),
        },
    }
}

/// The report's frame in the gallery.
pub fn frame<'a>(lost: Option<&str>, report: &'a Report) -> Frame<'a> {
    let (name, caption) = words::gallery_entry(lost, report);
    Frame { picture: figure(report), name, caption, visible: words::is_visible(report) }
}

/// What is no jump, around the control's curve over the first resumed epoch.
fn band(report: &Report, steps_per_epoch: f64) -> Option<Band> {
    let curve = report.curve.as_ref()?;
    let half = curve.own_change * JUMP_FACTOR;
    let from = curve.resumed_at_step as f64 / steps_per_epoch;
    Some(Band { from, to: from + 1.0, half })
}

#[cfg(test)]
mod tests {
    use crate::report::picture::has_glyph;

    #[test]
    fn the_font_has_every_character_that_a_picture_can_say() {
        let messages = include_str!("../messages/report.rs");
        let missing: String =
            messages.chars().filter(|c| !c.is_control() && !has_glyph(*c)).collect();
        assert_eq!(missing, "");
    }
}
