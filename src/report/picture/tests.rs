//! What a picture promises, whatever it is given.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::report::samples::{self, Lost};

/// Each text of an SVG with its left end, its right end and its baseline, as the bundled font has
/// it, and the document's plain text. Panics where the document is not well-formed.
fn texts(svg: &str) -> Vec<(String, [f64; 2], f64)> {
    let mut reader = Reader::from_str(svg);
    reader.config_mut().check_end_names = true;
    let mut texts = Vec::new();
    let (mut open, mut text) = (None, String::new());
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) if tag.name().as_ref() == b"text" => {
                let attribute = |name: &str| {
                    let attribute = tag.try_get_attribute(name).expect("well-formed");
                    attribute.map(|a| String::from_utf8_lossy(&a.value).into_owned())
                };
                let number = |name| attribute(name).and_then(|v| v.parse::<f64>().ok());
                open = Some((
                    number("x").expect("x"),
                    number("y").expect("y"),
                    number("font-size").expect("font-size"),
                    attribute("text-anchor").expect("text-anchor"),
                    attribute("transform").is_some(),
                ));
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.decode().expect("UTF-8")),
            Event::GeneralRef(name) => {
                text.push_str(match name.decode().expect("UTF-8").as_ref() {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" => "'",
                    other => panic!("unknown entity {other}"),
                });
            }
            Event::End(tag) if tag.name().as_ref() == b"text" => {
                let (x, y, size, anchor, turned) = open.take().expect("opened");
                let text = text.trim().to_owned();
                let width = f64::from(super::text::width(&text, size as f32));
                let left = match anchor.as_str() {
                    "start" => 0.0,
                    "middle" => -width / 2.0,
                    _ => -width,
                };
                // A turned text is centred, so it makes no difference which way.
                let (along, across) = if turned { (y, x) } else { (x, y) };
                texts.push((text, [along + left, along + left + width], across));
            }
            Event::Eof => return texts,
            _ => {}
        }
    }
}

fn lines(svg: &str) -> Vec<String> {
    texts(svg).into_iter().map(|(text, ..)| text).collect()
}

#[test]
fn the_svg_says_the_verdict_every_label_and_what_is_missing() {
    let sample = samples::Sample::new(Lost::Optimizer);
    let mut picture = sample.picture();
    picture.missing = vec!["optimizer: cold (never restored)".into(), "rng: stale".into()];
    let lines = lines(&picture.svg().expect("draws"));
    let labels = &picture.labels;
    let expected = [&picture.title, &picture.verdict, &labels.val_loss, &labels.epoch, &labels.lr];
    let expected = expected.into_iter().chain([&labels.loss_scale, &labels.control]);
    let expected = expected.chain([&labels.before, &labels.after, &labels.band]);
    for text in expected.chain(&picture.missing).chain([&"SIGKILL".to_owned()]) {
        assert!(lines.contains(text), "{text} is not among {lines:?}");
    }
}

#[test]
fn text_from_outside_is_escaped() {
    let sample = samples::Sample::new(Lost::Nothing);
    let mut picture = sample.picture();
    let name = r#"<b>&"'</text><script>"#;
    picture.missing = vec![name.into()];
    picture.title = format!("{name}\u{1b}[31m\u{0}");
    let svg = picture.svg().expect("draws");
    assert!(lines(&svg).contains(&name.to_owned()));
    assert!(!svg.contains("<script>") && !svg.contains(['\u{1b}', '\u{0}']));
}

#[test]
fn no_text_leaves_the_picture() {
    let long = "optimizer 상태가 복원되지 않았습니다 ".repeat(20);
    for missing in [0, 1, 3, 4, 11, 40] {
        let sample = samples::Sample::new(Lost::Buffers);
        let mut picture = sample.picture();
        picture.missing = vec![long.clone(); missing];
        for text in [&mut picture.title, &mut picture.verdict] {
            text.clone_from(&long);
        }
        let labels = &mut picture.labels;
        for label in [&mut labels.val_loss, &mut labels.control, &mut labels.band, &mut labels.lr] {
            label.clone_from(&long);
        }
        picture.kill = Some(KillMark { x: 0.0, label: long.clone() });
        let svgs = [(picture.svg(), SIZE), (picture.narrow_svg(), NARROW)];
        for (svg, (width, height)) in svgs {
            let longest = f64::from(width.max(height));
            for (text, [from, to], across) in texts(&svg.expect("draws")) {
                assert!(from >= 0.0 && to <= longest, "{text} runs from {from} to {to}");
                assert!((20.0..longest - 20.0).contains(&across), "{text} is at {across}");
            }
        }
    }
}

#[test]
fn a_list_that_is_too_long_says_how_many_are_left() {
    let sample = samples::Sample::new(Lost::Nothing);
    let mut picture = sample.picture();
    picture.missing = (0..30).map(|i| format!("component {i}: cold")).collect();
    let lines = lines(&picture.svg().expect("draws"));
    assert!(lines.contains(&"component 10: cold".to_owned()));
    assert!(lines.contains(&"and 19 more".to_owned()), "{lines:?}");
    picture.missing.truncate(11);
    let lines = self::lines(&picture.svg().expect("draws"));
    assert!(picture.missing.iter().all(|line| lines.contains(line)));
}

#[test]
fn empty_curves_single_points_and_values_that_are_no_numbers_are_drawn() {
    let point = |step, val_loss, lr, loss_scale| Point {
        epoch: 0,
        step,
        val_loss,
        val_accuracy: None,
        lr,
        loss_scale,
        epoch_end: step % 2 == 0,
    };
    let odd = [
        point(0, None, f64::NAN, None),
        point(1, Some(f64::INFINITY), f64::INFINITY, Some(0.0)),
        point(2, Some(f64::MAX), -1.0, Some(f64::INFINITY)),
        point(3, Some(-1.0), 0.0, Some(-4.0)),
        point(u64::MAX, Some(5e-324), f64::MAX, Some(1e300)),
    ];
    let curves: [&[Point]; 4] = [&[], &odd[..1], &odd[3..4], &odd];
    let sample = samples::Sample::new(Lost::Nothing);
    for (steps_per_epoch, epochs) in [(8.0, 10), (0.0, 0), (f64::NAN, u64::MAX)] {
        for control in curves {
            for run in curves {
                let band = Band { from: 5.0, to: f64::NAN, half: f64::INFINITY };
                let kill = KillMark { x: f64::NAN, label: String::new() };
                let picture = Picture {
                    control,
                    interrupted: run,
                    resumed: run.into(),
                    steps_per_epoch,
                    epochs,
                    kill: Some(kill),
                    band: Some(band),
                    ..sample.picture()
                };
                texts(&picture.svg().expect("draws"));
            }
        }
    }
    let picture = Picture { control: &odd, interrupted: &odd, ..sample.picture() };
    picture.png().expect("draws");
}

#[test]
fn a_loss_that_is_not_finite_is_marked_and_explained() {
    let sample = samples::Sample::new(Lost::Nothing);
    let mut control = sample.control.clone();
    let label = sample.picture().labels.off_scale;
    assert!(!lines(&sample.picture().svg().expect("draws")).contains(&label));
    control[20].val_loss = None;
    let picture = Picture { control: &control, ..sample.picture() };
    assert!(lines(&picture.svg().expect("draws")).contains(&label));
}

#[test]
fn the_resume_is_enlarged_where_nothing_is_in_the_way() {
    let enlarged = |lost| {
        let svg = samples::Sample::new(lost).picture().svg().expect("draws");
        lines(&svg).contains(&samples::english().zoom)
    };
    assert!(enlarged(Lost::Nothing));
    assert!(!enlarged(Lost::Model), "the jump itself is in that corner");

    let sample = samples::Sample::new(Lost::Nothing);
    let shows = |picture: Picture<'_>| {
        lines(&picture.svg().expect("draws")).contains(&samples::english().zoom)
    };
    assert!(shows(sample.picture()));
    let mut late = sample.picture();
    late.kill.as_mut().expect("a kill").x = 7.0;
    assert!(!shows(late), "the line of the kill would run through it");
    let mut wide = sample.picture();
    wide.band.as_mut().expect("a band").half = 2.0;
    assert!(!shows(wide), "it would lie on the band");
}

#[test]
fn the_png_has_its_size_and_is_the_same_each_time() {
    let sample = samples::Sample::new(Lost::Model);
    let png = sample.picture().png().expect("draws");
    let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a PNG");
    assert_eq!((reader.info().width, reader.info().height), SIZE);
    assert!(png == sample.picture().png().expect("draws"));
}

#[test]
fn hangul_has_glyphs_and_they_differ() {
    let sample = "검증 손실 학습률 손실 스케일 에포크 대조 실행 중단 전 재개 후 같은 실행 아님: 옵티마이저 →≥…·×";
    assert!(sample.chars().all(has_glyph));
    assert!(!has_glyph('龍') && !has_glyph('\u{1f600}'));
    let drawn = |text: &str| {
        let mut pixels = Vec::new();
        super::text::rasterise(text, 48.0, |x, y, c| pixels.push((x, y, (c * 255.0) as u8)));
        pixels
    };
    assert_ne!(drawn("가"), drawn("나"));
    assert_ne!(drawn("가"), drawn("龍"));
    assert!(!drawn("龍").is_empty(), "a missing glyph is a box, not a gap");
}

/// `cargo test -p killresume draw_the_samples -- --ignored` to look at them.
#[test]
#[ignore = "writes target/samples for a person to look at"]
fn draw_the_samples() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/samples");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, picture) in samples::all().iter().map(|(name, sample)| (name, sample.picture())) {
        let start = std::time::Instant::now();
        let svg = picture.svg().expect("draws");
        let after_svg = start.elapsed();
        let png = picture.png().expect("draws");
        println!(
            "{name}: svg {after_svg:?} {}, both {:?} {}",
            svg.len(),
            start.elapsed(),
            png.len()
        );
        std::fs::write(folder.join(format!("{name}.svg")), svg).expect("writes");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("writes");
    }
}
