#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tests_fuzz::folder::key_file(data));
