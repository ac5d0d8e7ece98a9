//! Varpulis' matcher (varpulis-sase) in event time, partitioned by key: plays the first events of a file again and again, prints one line of JSON.
//!
//! Arguments: workload, event file, events, repetitions. Each pass has an engine of its own; a first one does not count.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::DateTime;
use varpulis_core::{Event, Value};
use varpulis_sase::{CompareOp, PatternBuilder, Predicate, SaseEngine, SasePattern, SelectionStrategy};

fn text<'a>(line: &'a str, name: &str) -> &'a str {
    let begin = line.find(name).expect("a field") + name.len();
    let rest = &line[begin..];
    &rest[..rest.find([',', '}']).expect("an end")]
}

fn parse(line: &str) -> Arc<Event> {
    let ts: i64 = text(line, "\"ts\":").parse().unwrap();
    let stream = text(line, "\"stream\":").trim_matches('"');
    let mut event = Event::new_at(stream, DateTime::from_timestamp_millis(ts).unwrap());
    event = event.with_field("key", Value::Int(text(line, "\"key\":").parse().unwrap()));
    event = event.with_field("x", Value::Int(text(line, "\"x\":").parse().unwrap()));
    Arc::new(event.with_field("amount", Value::Float(text(line, "\"amount\":").parse().unwrap())))
}

fn event(stream: &str, alias: &str, predicate: Option<Predicate>) -> SasePattern {
    SasePattern::Event { event_type: stream.to_string(), predicate, alias: Some(alias.to_string()) }
}

fn pattern(workload: &str) -> SasePattern {
    let same_x = Predicate::CompareRef { field: "x".into(), op: CompareOp::Eq, ref_alias: "a".into(), ref_field: "x".into() };
    let (steps, within) = match workload {
        "sequence" | "keys_1m" => (vec![event("a", "a", None), event("b", "b", None), event("c", "c", None)], 60_000),
        "runs_100" => (vec![event("a", "a", None), event("b", "b", Some(same_x))], 200),
        "runs_1000" => (vec![event("a", "a", None), event("b", "b", Some(same_x))], 2_000),
        other => panic!("no pattern for {other}"),
    };
    PatternBuilder::within(PatternBuilder::seq(steps), Duration::from_millis(within))
}

fn status(what: &str) -> u64 {
    let all = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = all.lines().find(|line| line.starts_with(what)).unwrap_or("0");
    line.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

/// Of the only thread.
fn cpu_seconds() -> f64 {
    let all = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    all.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(f64::NAN) * 1e-9
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, workload, path, count, repeat] = arguments.as_slice() else { panic!("usage: peer WORKLOAD FILE EVENTS REPEAT") };
    let (count, repeat): (usize, usize) = (count.parse().unwrap(), repeat.parse().unwrap());
    let lines = BufReader::new(File::open(path).unwrap()).lines();
    let events: Vec<Arc<Event>> = lines.take(count).map(|line| parse(&line.unwrap())).collect();
    assert_eq!(events.len(), count);
    let loaded = status("VmRSS:");
    let _ = fs::write("/proc/self/clear_refs", "5"); // The peak from here on.

    let (mut seconds, mut cpu, mut first) = (Vec::new(), Vec::new(), None);
    for pass in 0..=repeat {
        let mut engine = SaseEngine::new(pattern(workload))
            .with_strategy(SelectionStrategy::SkipTillNextMatch)
            .with_partition_by("key".to_string())
            .with_event_time()
            .with_max_out_of_orderness(Duration::ZERO)
            .with_max_runs(1_000_000);
        let (mut matches, mut sum) = (0u64, 0i64);
        let (begin, cpu_begin) = (Instant::now(), cpu_seconds());
        for event in &events {
            for found in engine.process_shared(Arc::clone(event)) {
                matches += 1;
                sum += found.stack.iter().map(|entry| entry.event.timestamp.timestamp_millis()).sum::<i64>();
            }
        }
        let (took, cpu_took) = (begin.elapsed().as_secs_f64(), cpu_seconds() - cpu_begin);
        assert_eq!(*first.get_or_insert((matches, sum)), (matches, sum), "the matches changed from pass to pass");
        if pass > 0 {
            seconds.push(format!("{took:.6}"));
            cpu.push(format!("{cpu_took:.6}"));
        }
    }
    let (matches, sum) = first.unwrap();
    println!(
        "{{\"events\": {count}, \"seconds\": [{}], \"cpu\": [{}], \"matches\": {matches}, \"sum\": {sum}, \"loaded_kb\": {loaded}, \"peak_kb\": {}}}",
        seconds.join(", "),
        cpu.join(", "),
        status("VmHWM:")
    );
}
