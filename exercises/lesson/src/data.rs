//! The data: 1,797 handwritten digits, every fifth one kept for validation.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use tch::{Device, Kind, Tensor};

use crate::messages::training as say;

const CSV: &[u8] = include_bytes!("../data/digits.csv.gz");

/// Pixels on each side of an image.
pub const SIDE: i64 = 8;
/// Pixels of an image.
pub const PIXELS: i64 = SIDE * SIDE;
/// The digits 0 to 9.
pub const CLASSES: i64 = 10;

/// A frame of one background pixel leaves room to shift an image by one pixel in any direction.
const PADDED: i64 = SIDE + 2;

/// Images and what they show.
#[derive(Debug)]
pub struct Samples {
    /// Shape `[n, 64]`, float32, 0 (background) to 1 (ink).
    pub images: Tensor,
    /// Shape `[n]`, int64, the digit.
    pub labels: Tensor,
}

/// The two parts of the data set, on one device.
#[derive(Debug)]
pub struct Digits {
    /// 1,437 images to train on.
    pub train: Samples,
    /// 360 images to validate on: rows 0, 5, 10, … of the data set.
    pub validation: Samples,
    /// The training images in their frames, shape `[n, 100]`.
    framed: Tensor,
    /// Where each pixel of an unshifted image lies in its frame, less one row and one column.
    corner: Tensor,
}

impl Digits {
    /// Reads the data set that is compiled into this program.
    ///
    /// # Errors
    /// The embedded file is damaged.
    pub fn load(device: Device) -> Result<Self> {
        let mut csv = String::new();
        GzDecoder::new(CSV).read_to_string(&mut csv).with_context(say::cannot_unpack_digits)?;
        let (mut train, mut validation) = (Rows::default(), Rows::default());
        for (i, line) in csv.lines().enumerate() {
            let rows = if i % 5 == 0 { &mut validation } else { &mut train };
            rows.push(line).with_context(|| say::line_of_digits(i + 1))?;
        }
        let train = train.into_samples(device);
        let framed = train
            .images
            .view([-1, SIDE, SIDE])
            .constant_pad_nd([1, 1, 1, 1])
            .view([-1, PADDED * PADDED]);
        let cells = Tensor::arange(SIDE, (Kind::Int64, device));
        let corner = (cells.view([-1, 1]) * PADDED + cells.view([1, -1])).view([1, PIXELS]);
        Ok(Self { train, validation: validation.into_samples(device), framed, corner })
    }

    /// How many images there are to train on.
    pub fn train_len(&self) -> usize {
        self.train.labels.numel()
    }

    /// The training images with these ids, each with probability `shift` moved by up to one pixel in
    /// either direction, and with Gaussian noise of standard deviation `noise` on every pixel. Draws
    /// from libtorch's generator.
    pub fn augmented(&self, ids: &[i64], shift: f64, noise: f64) -> Samples {
        let device = self.framed.device();
        let ids = Tensor::from_slice(ids).to_device(device);
        let n = ids.numel() as i64;
        let moved = Tensor::rand([n, 1], (Kind::Float, device)).lt(shift);
        // Rows and columns of the frame that are cut off before the image: one of each for an image
        // that is not moved.
        let cut = Tensor::randint(3, [n, 2], (Kind::Int64, device)).where_scalarother(&moved, 1);
        let pixels = &self.corner + cut.narrow(1, 0, 1) * PADDED + cut.narrow(1, 1, 1);
        let images = self.framed.index_select(0, &ids).gather(1, &pixels, false);
        let images = images + Tensor::randn([n, PIXELS], (Kind::Float, device)) * noise;
        Samples { images, labels: self.train.labels.index_select(0, &ids) }
    }
}

#[derive(Default)]
struct Rows {
    pixels: Vec<f32>,
    labels: Vec<i64>,
}

impl Rows {
    /// Adds a line of 64 pixels, 0 to 16, and the label.
    fn push(&mut self, line: &str) -> Result<()> {
        let mut cells: Vec<u8> = Vec::with_capacity(PIXELS as usize + 1);
        for cell in line.split(',') {
            cells.push(cell.parse().with_context(|| say::not_a_number(cell))?);
        }
        ensure!(cells.len() == PIXELS as usize + 1, say::wrong_columns(cells.len()));
        let label = i64::from(cells.pop().expect("65 columns"));
        ensure!(label < CLASSES, say::wrong_label(label));
        self.pixels.extend(cells.iter().map(|&ink| f32::from(ink) / 16.0));
        self.labels.push(label);
        Ok(())
    }

    fn into_samples(self, device: Device) -> Samples {
        Samples {
            images: Tensor::from_slice(&self.pixels).view([-1, PIXELS]).to_device(device),
            labels: Tensor::from_slice(&self.labels).to_device(device),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_split_is_fixed_and_every_digit_is_in_both_parts() {
        let digits = Digits::load(Device::Cpu).expect("loads");
        assert_eq!(digits.train.images.size(), [1437, PIXELS]);
        assert_eq!(digits.validation.images.size(), [360, PIXELS]);
        for part in [&digits.train, &digits.validation] {
            assert_eq!(
                part.labels.bincount::<Tensor>(None, CLASSES).count_nonzero(0).int64_value(&[]),
                CLASSES
            );
            assert_eq!(part.images.min().double_value(&[]), 0.0);
            assert_eq!(part.images.max().double_value(&[]), 1.0);
        }
    }

    #[test]
    fn augmentation_shifts_by_at_most_one_pixel() {
        let digits = Digits::load(Device::Cpu).expect("loads");
        let ids = [3, 1, 4];
        let augmented = digits.augmented(&ids, 1.0, 0.0);
        for (row, &id) in ids.iter().enumerate() {
            let original = digits.train.images.get(id).view([SIDE, SIDE]);
            let framed = original.constant_pad_nd([1, 1, 1, 1]);
            let shifted = augmented.images.get(row as i64).view([SIDE, SIDE]);
            let found =
                (0..9).any(|at| framed.narrow(0, at / 3, SIDE).narrow(1, at % 3, SIDE) == shifted);
            assert!(found, "image {id} is not a shift of itself");
        }
    }
}
