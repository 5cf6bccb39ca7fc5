//! Arrays of `NumPy` (`.npy`, versions 1 to 3) of numbers.

use std::io::{self, Write};
use std::path::Path;

use crate::error::InstanceError;

/// What every such file begins with.
pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// An array of one or two dimensions, row by row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) values: Vec<f64>,
}

/// The number types that are read: code, bytes per number, and the number in `f64`, from little-endian bytes.
type Decode = fn(&[u8]) -> f64;

fn whole<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[..N]);
    array
}

/// The decoder of the type that `NumPy` calls `code` (without byte order).
fn decoder(code: &str) -> Option<(usize, Decode)> {
    Some(match code {
        "f8" => (8, |bytes| f64::from_le_bytes(whole(bytes))),
        "f4" => (4, |bytes| f64::from(f32::from_le_bytes(whole(bytes)))),
        "i8" => (8, |bytes| i64::from_le_bytes(whole(bytes)) as f64),
        "u8" => (8, |bytes| u64::from_le_bytes(whole(bytes)) as f64),
        "i4" => (4, |bytes| f64::from(i32::from_le_bytes(whole(bytes)))),
        "u4" => (4, |bytes| f64::from(u32::from_le_bytes(whole(bytes)))),
        "i2" => (2, |bytes| f64::from(i16::from_le_bytes(whole(bytes)))),
        "u2" => (2, |bytes| f64::from(u16::from_le_bytes(whole(bytes)))),
        "i1" => (1, |bytes| f64::from(i8::from_le_bytes(whole(bytes)))),
        "u1" | "b1" => (1, |bytes| f64::from(bytes[0])),
        _ => return None,
    })
}

pub(crate) fn read(file: &Path, bytes: &[u8]) -> Result<Array, InstanceError> {
    let refuse = |found: String, expected: &str| InstanceError::about(file, format!("found {found}, expected {expected}"));
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(refuse("a file that does not begin as NumPy arrays do".into(), "an array written by numpy.save"));
    };
    let [major, _, rest @ ..] = rest else {
        return Err(refuse("a file cut short".into(), "an array written by numpy.save"));
    };
    let (length, rest) = match (major, rest) {
        (1, [a, b, rest @ ..]) => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        (2 | 3, [a, b, c, d, rest @ ..]) => (usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX), rest),
        (1..=3, _) => return Err(refuse("a file cut short".into(), "an array written by numpy.save")),
        _ => return Err(refuse(format!("version {major} of the format"), "version 1, 2 or 3")),
    };
    let Some((header, data)) = rest.split_at_checked(length) else {
        return Err(refuse("a file cut short within its header".into(), "an array written by numpy.save"));
    };
    let header = String::from_utf8_lossy(header);
    let field = |name: &str| header.split_once(&format!("'{name}':")).map(|(_, value)| value.trim_start());
    let (Some(descr), Some(order), Some(shape)) = (field("descr"), field("fortran_order"), field("shape")) else {
        return Err(refuse(format!("the header {}", header.trim()), "one with descr, fortran_order and shape"));
    };
    let code = descr.strip_prefix('\'').and_then(|code| code.split_once('\'')).map_or("a record", |(code, _)| code);
    let Some((width, decode)) = decoder(code.trim_start_matches(['<', '>', '=', '|'])) else {
        return Err(refuse(format!("values of type {code}"), "real numbers (f8, f4, integers or booleans)"));
    };
    let inside = shape.strip_prefix('(').and_then(|shape| shape.split_once(')')).map_or("", |(inside, _)| inside);
    let sizes: Result<Vec<usize>, _> = inside.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect();
    let (rows, columns) = match sizes.as_deref() {
        Ok([rows]) => (*rows, 1),
        Ok([rows, columns]) => (*rows, *columns),
        _ => return Err(refuse(format!("an array of shape ({inside})"), "a table: one or two dimensions")),
    };
    let count = rows.checked_mul(columns).filter(|count| count.checked_mul(width) == Some(data.len()));
    let Some(count) = count else {
        return Err(refuse(format!("{} bytes of data", data.len()), &format!("{rows} x {columns} numbers of {width} bytes")));
    };
    let big_endian = code.starts_with('>');
    let value = |k: usize| {
        let mut number = [0; 8];
        number[..width].copy_from_slice(&data[k * width..(k + 1) * width]);
        if big_endian {
            number[..width].reverse();
        }
        decode(&number)
    };
    let values = if order.starts_with("True") {
        (0..count).map(|k| value((k % columns) * rows + k / columns)).collect()
    } else {
        (0..count).map(value).collect()
    };
    Ok(Array { rows, columns, values })
}

/// A `rows x columns` array of little-endian `f64`, version 1.0 of the format, row by row.
pub(crate) fn write(rows: usize, columns: usize, values: &[f64], out: &mut dyn Write) -> io::Result<()> {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // The data start at a multiple of 64 bytes: 10 bytes stand before the header, a newline ends it.
    let padding = (64 - (10 + header.len() + 1) % 64) % 64;
    header.extend(std::iter::repeat_n(' ', padding));
    header.push('\n');
    out.write_all(MAGIC)?;
    out.write_all(&[1, 0])?;
    // At most 128 bytes, so that two bytes hold the length.
    out.write_all(&u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        let length = u16::try_from(header.len()).unwrap();
        if version == 1 {
            bytes.extend(length.to_le_bytes());
        } else {
            bytes.extend(u32::from(length).to_le_bytes());
        }
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn header(code: &str, fortran: &str, shape: &str) -> String {
        format!("{{'descr': '{code}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n")
    }

    fn values(bytes: &[u8]) -> Vec<f64> {
        read(Path::new("a.npy"), bytes).unwrap().values
    }

    #[test]
    fn both_versions_orders_and_byte_orders_are_read() {
        let le: Vec<u8> = [1.0_f64, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        let c = file(1, &header("<f8", "False", "(2, 3)"), &le);
        assert_eq!(read(Path::new("a.npy"), &c).unwrap(), Array { rows: 2, columns: 3, values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0] });
        assert_eq!(values(&file(2, &header("<f8", "True", "(2, 3)"), &le)), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        let be: Vec<u8> = [1.5_f64, -2.0].iter().flat_map(|value| value.to_be_bytes()).collect();
        assert_eq!(values(&file(1, &header(">f8", "False", "(1, 2)"), &be)), [1.5, -2.0]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let values = vec![1.5, -0.0, f64::MIN_POSITIVE, 1e300, 2.0, 3.0];
        let mut bytes = Vec::new();
        write(3, 2, &values, &mut bytes).unwrap();
        assert_eq!(read(Path::new("a.npy"), &bytes).unwrap(), Array { rows: 3, columns: 2, values });
        assert_eq!((bytes.len() - 48) % 64, 0, "the data are aligned");
    }

    #[test]
    fn every_number_type_is_read() {
        let two = |bytes: [Vec<u8>; 2]| bytes.concat();
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("<f4", two([1.0_f32.to_le_bytes().to_vec(), 2.0_f32.to_le_bytes().to_vec()])),
            ("<i8", two([1_i64.to_le_bytes().to_vec(), 2_i64.to_le_bytes().to_vec()])),
            (">i4", two([1_i32.to_be_bytes().to_vec(), 2_i32.to_be_bytes().to_vec()])),
            ("<u2", two([1_u16.to_le_bytes().to_vec(), 2_u16.to_le_bytes().to_vec()])),
            ("|i1", vec![1, 2]),
            ("|u1", vec![1, 2]),
        ];
        for (code, data) in cases {
            assert_eq!(values(&file(1, &header(code, "False", "(2,)"), &data)), [1.0, 2.0], "{code}");
        }
    }

    #[test]
    fn what_is_no_table_of_numbers_is_refused() {
        let refusal = |bytes: &[u8]| read(Path::new("a.npy"), bytes).unwrap_err().to_string();
        assert!(refusal(b"hello").contains("numpy.save"));
        assert!(refusal(b"\x93NUMPY").contains("cut short"));
        assert!(refusal(&file(9, "", b"")).contains("version 9"));
        assert!(refusal(&file(1, "{}", b"")).contains("descr"));
        assert!(refusal(&file(1, &header("|O", "False", "(1,)"), b"")).contains("type |O"));
        assert!(refusal(&file(1, &header("<c16", "False", "(1,)"), &[0; 16])).contains("type <c16"));
        assert!(refusal(&file(1, &header("<f8", "False", "(1, 1, 1)"), &[0; 8])).contains("two dimensions"));
        assert!(refusal(&file(1, &header("<f8", "False", "(2, 3)"), &[0; 8])).contains("8 bytes of data"));
        assert!(refusal(&file(1, &header("<f8", "False", "(99999999999, 99999999999)"), &[0; 8])).contains("8 bytes of data"));
        assert!(refusal(&file(1, &header("<f8", "False", "(-1, 3)"), &[])).contains("shape"));
    }
}
