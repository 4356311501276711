//! The picture's font: what it covers, how wide a text is, and its glyphs as pixels.
//!
//! Text is rasterised here rather than by plotters, whose own routine drops the side bearings of
//! glyphs, draws a box for a character that the font lacks and says nothing.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, ScaleFont, point};

/// What the SVG asks for: it holds text, and the viewer's fonts draw it.
pub(super) const FAMILY: &str =
    "'Noto Sans KR', Pretendard, 'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif";

/// Noto Sans KR Regular, cut down; `font/README.md` says to what and how.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("font/NotoSansKR-subset.ttf"))
        .expect("the bundled font is a valid one: a test draws with it")
});

/// Whether the PNG can show the character.
pub fn has_glyph(c: char) -> bool {
    FONT.glyph_id(c) != GlyphId(0)
}

/// The advance width of the text in pixels at the font size `em`.
pub(super) fn width(text: &str, em: f32) -> f32 {
    let font = FONT.as_scaled(scale(em));
    text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
}

/// The text cut, with an ellipsis, to `room` pixels at the font size `em`. An SVG is drawn with a
/// font that may be wider than ours, so a twelfth of the room stays free.
pub(super) fn fit(text: &str, em: f32, room: i32) -> String {
    let room = room as f32 * 11.0 / 12.0;
    if width(text, em) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = width("…", em);
    for c in text.chars() {
        used += width(c.encode_utf8(&mut [0; 4]), em);
        if used > room {
            break;
        }
        cut.push(c);
    }
    format!("{}…", cut.trim_end())
}

/// Calls `pixel` with each pixel that the text covers, and by how much, 0 to 1. The text starts at
/// the origin, on its baseline, at the font size `em`.
pub(super) fn rasterise(text: &str, em: f32, mut pixel: impl FnMut(i32, i32, f32)) {
    let scale = scale(em);
    let font = FONT.as_scaled(scale);
    let mut x = 0.0;
    for c in text.chars() {
        let id = font.glyph_id(c);
        let glyph = Glyph { id, scale, position: point(x, 0.0) };
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|dx, dy, coverage| {
                pixel(corner.x as i32 + dx as i32, corner.y as i32 + dy as i32, coverage);
            });
        }
        x += font.h_advance(id);
    }
}

/// ab_glyph scales by a font's line height where everyone else means its em square.
fn scale(em: f32) -> PxScale {
    let units_per_em = FONT.units_per_em().expect("the bundled font has a head table");
    PxScale::from(em * FONT.height_unscaled() / units_per_em)
}
