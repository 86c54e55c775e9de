#![no_main]

libfuzzer_sys::fuzz_target!(init: tests_fuzz::forgive::dependencies(), |data: &[u8]| tests_fuzz::sheets::xlsx(data));
