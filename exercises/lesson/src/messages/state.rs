//! What does not fit when a component loads its state.

killresume::messages! {
    missing_key(key: &str) { en: "missing key {key:?}", ko: "key가 없어요: {key:?}" }
    unexpected_key(key: &str) { en: "unexpected key {key:?}", ko: "없어야 할 key가 있어요: {key:?}" }
    mismatch(key: &str, expected: &str, found: &str) {
        en: "key {key:?}: expected {expected}, found {found}",
        ko: "key {key:?}의 값이 맞지 않아요. 기대한 값: {expected}, 실제 값: {found}",
    }

    // What is expected, and what is found.
    tensor() { en: "a tensor", ko: "tensor 값" }
    tensor_of(dtype: &str, shape: &[i64]) {
        en: "a {dtype} tensor of shape {shape:?}",
        ko: "shape {shape:?}의 {dtype} tensor",
    }
    integer() { en: "an integer", ko: "정수(integer)" }
    float() { en: "a float", ko: "실수(float)" }
    float32() { en: "a float32 number", ko: "float32로 나타낼 수 있는 수" }
    hyperparameter() { en: "a float from 0 to 1e18", ko: "0에서 1e18까지의 실수(float)" }
    decay() { en: "a float from 0 to below 1", ko: "0 이상 1 미만의 실수(float)" }
    not_negative() { en: "a finite float, not below 0", ko: "0 이상의 유한한 실수(float)" }
    above_one() { en: "a finite float above 1", ko: "1보다 큰 유한한 실수(float)" }
    boolean() { en: "a boolean", ko: "참 또는 거짓(boolean)" }
    text() { en: "a text", ko: "문자열(text)" }
    none() { en: "none", ko: "none" }
    float_or_none() { en: "a float or none", ko: "실수(float) 또는 none" }
    count() { en: "a count from 0 to 2^62", ko: "0에서 2^62까지의 개수" }
    up_to(n: usize) { en: "0 to {n}", ko: "0에서 {n}까지" }
    as_in_config(expected: u64) {
        en: "{expected} as in this run's config",
        ko: "{expected} (이 run의 config와 같은 값)",
    }
}
