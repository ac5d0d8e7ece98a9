// Tables of events with the alerts that language.md asks for, found by hand. The cases that the trial of the language
// showed to matter come first, then the limits of every construct, then docs/decisions/0001-semantics.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reference/table.hpp"

namespace sequitur::reference {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kStreams = R"(
  stream login time ts { user: string nocase, ok: bool, ip: string? }
  stream password_reset time ts { user: string nocase }
  stream A time ts { k: string, x: int? }
  stream B time ts { k: string, x: int? }
  stream C time ts { k: string, x: int? }
)";

// The clauses of one rule on key k, and events.
std::vector<std::string> alerts(const std::string& clauses, const std::string& events, const Options& options = {}) {
  return alerts_of(kStreams + "rule r {\n" + clauses + "\n}\ntest \"t\" {\n" + events + "\nexpect none\n}", options);
}

const std::string kBruteForce = R"(
  key    user
  within 2m
  first  fail: login{5..} where not ok
  no     password_reset
  then   win: login where ok
  emit   account_alert(user, tries = count(fail), ip = win.ip)
)";

TEST(Traps, ResetBetweenFailuresTwoAndThree) {
  EXPECT_THAT(alerts(kBruteForce, R"(
    0s   login user=ann ok=false {2 every 2s}
    3s   password_reset user=ann
    4s   login user=ann ok=false {3 every 2s}
    20s  login user=ann ok=true)"),
              IsEmpty());  // The guard watches from the first failure on; the runs that began later have three failures.
}

TEST(Traps, SixthFailureRaisesNoSecondAlert) {
  EXPECT_THAT(alerts(kBruteForce, R"(
    0s   login user=bob ok=false {6 every 1s}
    9s   login user=bob ok=true ip="203.0.113.9")"),
              ElementsAre("r match 9s fail#0,1,2,3,4,5 win#6 key(bob) {user=bob tries=6 ip=203.0.113.9}"));
}

TEST(Traps, AnnAndannAsKey) {
  EXPECT_THAT(alerts(kBruteForce, R"(
    0s   login user=Ann ok=false {3 every 1s}
    3s   login user=ANN ok=false {2 every 1s}
    9s   login user=ann ok=true)"),
              ElementsAre("r match 9s fail#0,1,2,3,4 win#5 key(ann) {user=ann tries=5 ip=null}"));
}

TEST(Traps, ViewsAtZeroTenAndTwentyMinutesInASessionRule) {
  const std::string session = "key k\nwithin forever\nfirst v: A{2..} gap 15m\nemit s(n = count(v))";
  EXPECT_THAT(alerts(session, "0m A k=a\n10m A k=a\n20m A k=a"), ElementsAre("r match 35m v#0,1,2 key(a) {n=3}"));
  EXPECT_THAT(alerts(session, "0m A k=a\n10m A k=a\n25m A k=a\n41m A k=a"), ElementsAre("r match 40m v#0,1,2 key(a) {n=3}"));
}

TEST(Traps, TwoDeploysOneErrorRise) {
  const std::string clauses = "key k\nwithin 30m\nlatest d: A\nthen e: B{3}\nemit s(d = d.x)";
  EXPECT_THAT(alerts(clauses, "0m A k=a x=1\n10m A k=a x=2\n11m B k=a\n12m B k=a\n13m B k=a"),
              ElementsAre("r match 13m d#1 e#2,3,4 key(a) {d=2}"));
  EXPECT_THAT(alerts("key k\nwithin 30m\nfirst d: A\nthen e: B{3}\nemit s(d = d.x)",
                     "0m A k=a x=1\n10m A k=a x=2\n11m B k=a\n12m B k=a\n13m B k=a"),
              ElementsAre("r match 13m d#0 e#2,3,4 key(a) {d=1}"));
  // A deploy behind the first error replaces nothing: the run no longer waits right behind the first step.
  EXPECT_THAT(alerts(clauses, "0m A k=a x=1\n1m B k=a\n2m A k=a x=2\n3m B k=a\n4m B k=a\n5m B k=a"),
              ElementsAre("r match 4m d#0 e#1,3,4 key(a) {d=1}", "r match 5m d#2 e#3,4,5 key(a) {d=2}"));
}

TEST(Traps, BurstBeforeAClosingSilence) {
  EXPECT_THAT(alerts("key k\nfirst a: A\nno A for 30s\nemit s()", "0s A k=a\n5s A k=a\n10s A k=a\n60s A k=a"),
              ElementsAre("r match 40s a#2 key(a)", "r match 1m30s a#3 key(a)"));
  // As a loop the burst is one run, and what is part of it gives no alert of its own.
  EXPECT_THAT(alerts("key k\nfirst a: A{2..}\nno A for 30s\nemit s(n = count(a))", "0s A k=a\n5s A k=a\n10s A k=a\n60s A k=a"),
              ElementsAre("r match 40s a#0,1,2 key(a) {n=3}"));
}

TEST(Traps, TenEqualTimes) {
  EXPECT_THAT(alerts("key k\nwithin 1s\nfirst a: A{10}\nemit s()", "0s A k=a {10 every 0s}"),
              ElementsAre("r match 0s a#0,1,2,3,4,5,6,7,8,9 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1s\nfirst a: A\nthen b: A\nemit s()", "0s A k=a {4 every 0s}"),
              ElementsAre("r match 0s a#0 b#1 key(a)", "r match 0s a#2 b#3 key(a)"));
}

TEST(Traps, GuardStreamAddedToARuleWithNext) {
  // C is named by a guard only: it does not lie in between.
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nno C where x == 9\nnext b: B\nemit s()", "0s A k=a\n1s C k=a x=1\n2s B k=a"),
              ElementsAre("r match 2s a#0 b#2 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nno C where x == 9\nnext b: B\nemit s()", "0s A k=a\n1s C k=a x=9\n2s B k=a"),
              IsEmpty());
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A where x == 1\nnext b: B\nemit s()", "0s A k=a x=1\n1s A k=a x=2\n2s B k=a"), IsEmpty());
}

TEST(Traps, MissingFieldUnderNotAndUnderExcept) {
  EXPECT_THAT(alerts("key k\nfirst a: A where not x == 1\nno B for 1s\nemit s()", "0s A k=a\n10s A k=a x=1\n20s A k=a x=2"),
              ElementsAre("r match 21s a#2 key(a)"));
  EXPECT_THAT(alerts("key k\nfirst a: A where k == \"a\" except x == 1\nno B for 1s\nemit s()", "0s A k=a\n10s A k=a x=1\n20s A k=a x=2"),
              ElementsAre("r match 1s a#0 key(a)", "r match 21s a#2 key(a)"));
  // A guard that is unknown does nothing.
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nno C where x > 1\nthen b: B\nemit s()", "0s A k=a\n1s C k=a\n2s B k=a"),
              ElementsAre("r match 2s a#0 b#2 key(a)"));
}

TEST(Traps, NightAcrossMidnight) {
  const std::string clauses = "key k\nfirst a: A where time_of_day(time) in 22:00..06:00\nno B for 1s\nemit s()";
  EXPECT_THAT(alerts(clauses, "6h A k=a\n6h1s A k=b\n12h A k=c\n21h59m59s A k=d\n22h A k=e\n1d A k=f"),
              ElementsAre("r match 6h1s a#0 key(a)", "r match 22h1s a#4 key(e)", "r match 1d1s a#5 key(f)"));
}

TEST(Traps, DayWithTwentyFiveHours) {
  // 2024-10-27 in Berlin: 02:30 comes twice, at 00:30 and at 01:30 UTC. It is 300 days after the start.
  const std::string clauses = "key k\nfirst a: A where time_of_day(time, \"Europe/Berlin\") == 02:30\nno B for 1s\nemit s()";
  EXPECT_THAT(alerts(clauses, "300d30m A k=a\n300d1h30m A k=b\n300d2h30m A k=c\n301d1h30m A k=d"),
              ElementsAre("r match 300d30m1s a#0 key(a)", "r match 300d1h30m1s a#1 key(b)", "r match 301d1h30m1s a#3 key(d)"));
}

TEST(Traps, BurstLongerThanWithin) {
  // The loop stops taking events at one minute and closes by its gap; a run of the later events is under way meanwhile.
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{3..} gap 20s\nemit s(n = count(a))", "0s A k=a {6 every 15s}"),
              ElementsAre("r match 1m20s a#0,1,2,3,4 key(a) {n=5}", "r match 1m35s a#1,2,3,4,5 key(a) {n=5}"));
}

TEST(Traps, ExactlyTwoAndThenSilence) {
  EXPECT_THAT(alerts("key k\nfirst a: A{2}\nno A for 10s\nemit s()", "0s A k=a\n1s A k=a\n20s A k=b {3 every 1s}"),
              ElementsAre("r match 11s a#0,1 key(a)", "r match 32s a#3,4 key(b)"));
}

TEST(Traps, TwoRulesThatEmitOneName) {
  EXPECT_THAT(alerts_of(kStreams + R"(
    rule p { key k  first a: A  no C for 1s  emit s(n = a.x) }
    rule q { key k  first a: A  no C for 1s  emit s(n = a.x, m = 2) }
    test "t" { 0s A k=a x=1  expect none })"),
              ElementsAre("p match 1s a#0 key(a) {n=1}", "q match 1s a#0 key(a) {n=1 m=2}"));
}

TEST(Silence, DeadlineComesBeforeTheEventsOfItsInstant) {
  const std::string unpaid = "key k\nfirst a: A\nno B for 15m\nemit s()";
  EXPECT_THAT(alerts(unpaid, "0m A k=a\n15m B k=a"), ElementsAre("r match 15m a#0 key(a)"));
  EXPECT_THAT(alerts(unpaid, "0m A k=a\n14m59s B k=a"), IsEmpty());
  EXPECT_THAT(alerts(unpaid, "0m A k=a\n0m B k=a"), IsEmpty());
  EXPECT_THAT(alerts(unpaid, "0m B k=a\n0m A k=a"), ElementsAre("r match 15m a#1 key(a)"));
}

TEST(Silence, SeveralClosingOnesHoldAtTheLatestDeadline) {
  const std::string clauses = "key k\nfirst a: A\nno B for 5s\nno C for 9s\nemit s()";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n6s B k=a"), ElementsAre("r match 9s a#0 key(a)"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n6s C k=a"), IsEmpty());
}

TEST(Silence, BetweenStepsACandidateThatComesTooEarlyIsIgnored) {
  const std::string clauses = "key k\nwithin 1m\nfirst a: A\nno C for 10s\nthen b: B\nemit s()";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n5s B k=a\n12s B k=a"), ElementsAre("r match 12s a#0 b#2 key(a)"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n5s C k=a\n12s B k=a"), IsEmpty());
  EXPECT_THAT(alerts(clauses, "0s A k=a\n10s C k=a\n12s B k=a"), ElementsAre("r match 12s a#0 b#2 key(a)"));
}

TEST(Silence, LookingBack) {
  const std::string clauses = "key k\nno B for 10s\nfirst a: A\nno C for 1s\nemit s()";
  EXPECT_THAT(alerts(clauses, "0s C k=z\n5s A k=a"), IsEmpty());  // Only 5 s of the past were seen.
  EXPECT_THAT(alerts(clauses, "0s C k=z\n10s A k=a"), ElementsAre("r match 11s a#1 key(a)"));
  EXPECT_THAT(alerts(clauses, "0s B k=a\n10s A k=a"), ElementsAre("r match 11s a#1 key(a)"));  // Exactly 10 s earlier.
  EXPECT_THAT(alerts(clauses, "0s C k=z\n1s B k=a\n10s A k=a"), IsEmpty());
  EXPECT_THAT(alerts(clauses, "5s A k=a", {.assume_silent = true}), ElementsAre("r match 6s a#0 key(a)"));
  EXPECT_THAT(alerts("key k\nno A for 10s\nfirst a: A\nno C for 1s\nemit s()", "0s C k=z\n10s A k=a\n20s A k=a\n29s A k=a"),
              ElementsAre("r match 11s a#1 key(a)", "r match 21s a#2 key(a)"));
}

TEST(Silence, WithItsStartMoved) {
  const std::string timed = "key k\nwithin 1m\nfirst a: A\nthen b: B\nno C for 10s after a\nemit s()";
  EXPECT_THAT(alerts(timed, "0s A k=a\n4s B k=a"), ElementsAre("r match 10s a#0 b#1 key(a)"));
  EXPECT_THAT(alerts(timed, "0s A k=a\n4s B k=a\n9s C k=a"), IsEmpty());
  EXPECT_THAT(alerts(timed, "0s A k=a\n20s B k=a\n21s C k=a"), ElementsAre("r match 20s a#0 b#1 key(a)"));  // Decision 1.7.
}

TEST(Times, LimitsAreInclusive) {
  EXPECT_THAT(alerts("key k\nwithin 10s\nfirst a: A\nthen b: B\nemit s()", "0s A k=a\n10s B k=a\n20s A k=b\n31s B k=b"),
              ElementsAre("r match 10s a#0 b#1 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nthen b: B at most 5s after a\nemit s()", "0s A k=a\n5s B k=a\n20s A k=b\n26s B k=b"),
              ElementsAre("r match 5s a#0 b#1 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nthen b: B at least 5s after a\nemit s()", "0s A k=a\n4s B k=a\n5s B k=a"),
              ElementsAre("r match 5s a#0 b#2 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2}\nthen b: B at most 5s after first(a)\nemit s()", "0s A k=a\n3s A k=a\n6s B k=a"),
              IsEmpty());
}

TEST(Times, TimeoutAtTheLastInstantThatWouldDo) {
  const std::string clauses =
      "key k\nwithin 1m\nfirst a: A\nthen b: B at most 10s after a\nthen c: C\nemit s()\non timeout emit t(b = b.x)";
  EXPECT_THAT(alerts(clauses, "0s A k=a"), ElementsAre("r timeout 10s a#0 key(a) {b=null}"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n10s B k=a x=7"), ElementsAre("r timeout 1m a#0 b#1 key(a) {b=7}"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n1m B k=b", {.flush_at_end = false}), ElementsAre("r timeout 10s a#0 key(a) {b=null}"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n10s B k=b", {.flush_at_end = false}), IsEmpty());
}

TEST(Times, TimeoutThatIsFoundLateIsReportedThen) {
  // Decision 1.5: while the loop may go on, b's limit moves with it; the gap closes it behind that limit.
  EXPECT_THAT(
      alerts("key k\nwithin 1m\nfirst a: A{2..} gap 5s\nthen b: B at most 3s after a\nemit s()\non timeout emit t()", "0s A k=a\n1s A k=a"),
      ElementsAre("r timeout 6s a#0,1 key(a)"));
}

TEST(Loops, EarliestStepThatNeedsOneThenTheNextThenTheLoop) {
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2..}\nthen b: A where x == 1\nemit s()",
                     "0s A k=a x=1\n1s A k=a x=0\n2s A k=a x=1\n3s A k=a x=1"),
              ElementsAre("r match 2s a#0,1 b#2 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2..} greedy\nthen b: B | A where x == 1\nemit s()",
                     "0s A k=a x=1\n1s A k=a x=0\n2s A k=a x=1\n3s B k=a x=1"),
              ElementsAre("r match 3s a#0,1,2 b#3 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nthen b: B optional\nthen c: C\nemit s()",
                     "0s A k=a\n1s C k=a\n10s A k=b\n11s B k=b\n12s B k=b\n13s C k=b"),
              ElementsAre("r match 1s a#0 c#1 key(a)", "r match 13s a#2 b#3 c#5 key(b)"));
}

TEST(Loops, ClosedByUntilStrictAndGap) {
  EXPECT_THAT(
      alerts("key k\nwithin 1m\nfirst a: A{2..} until x == 9\nemit s()", "0s A k=a x=9\n1s A k=a\n2s A k=a\n3s A k=a\n4s A k=a x=9"),
      ElementsAre("r match 4s a#1,2,3 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2..} until x == 9\nemit s()", "1s A k=a\n2s A k=a x=9\n3s A k=a\n4s A k=a x=9"),
              IsEmpty());
  EXPECT_THAT(
      alerts("key k\nwithin 1m\nfirst a: A{2..} strict where x == 1\nemit s()", "0s A k=a x=1\n1s A k=a x=1\n2s B k=a\n3s A k=a x=2"),
      ElementsAre("r match 3s a#0,1 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2..} gap 5s\nemit s()", "0s A k=a\n5s A k=a\n11s A k=a"),
              ElementsAre("r match 10s a#0,1 key(a)"));
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{2..} gap 5s\nemit s()\non timeout emit t()", "0s A k=a\n6s A k=a"), IsEmpty());
}

TEST(Guards, WatchFromTheFirstEventOfTheStepBeforeAndAlsoTheTaker) {
  const std::string clauses = "key k\nwithin 1m\nfirst a: A\nno B where x == 1\nthen b: B\nemit s()\non break emit t(x = broken_by.x)";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n1s B k=a x=1\n2s B k=a x=2"), ElementsAre("r break 1s a#0 key(a) {x=1}"));
  EXPECT_THAT(alerts(clauses, "0s A k=a\n1s B k=a x=2"), ElementsAre("r match 1s a#0 b#1 key(a)"));
  // What a step takes is in no gap behind it.
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nthen b: B\nno B\nthen c: C\nemit s()", "0s A k=a\n1s B k=a\n2s C k=a"),
              ElementsAre("r match 2s a#0 b#1 c#2 key(a)"));
}

TEST(Guards, NoNextLooksAtTheVeryNextEventOnly) {
  const std::string clauses = "key k\nwithin 1m\nfirst a: A\nno next C\nthen b: B\nemit s()";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n1s C k=a\n2s B k=a"), IsEmpty());
  EXPECT_THAT(alerts(clauses, "0s A k=a x=1\n1s A k=a x=2\n2s C k=a\n3s B k=a"), ElementsAre("r match 3s a#0 b#3 key(a)"));
}

TEST(Guards, CancelMayBeginANewRun) {
  const std::string clauses = "key k\nwithin 1m\ncancel on A where x == 1\nfirst a: A\nthen b: B\nemit s()\non break emit t()";
  EXPECT_THAT(alerts(clauses, "0s A k=a x=0\n1s A k=a x=1\n2s B k=a"), ElementsAre("r break 1s a#0 key(a)", "r match 2s a#1 b#2 key(a)"));
}

TEST(OnMatch, ConsumeKeepAndSkip) {
  const std::string events = "0s A k=a\n1s A k=a\n2s B k=a\n3s B k=a\n4s C k=a";
  const std::string steps = "key k\nwithin 1m\nfirst a: A\nthen b: B\nthen c: C\nemit s()\n";
  EXPECT_THAT(alerts(steps, events), ElementsAre("r match 4s a#0 b#2 c#4 key(a)"));
  EXPECT_THAT(alerts(steps + "on match keep", events), ElementsAre("r match 4s a#0 b#2 c#4 key(a)", "r match 4s a#1 b#2 c#4 key(a)"));
  EXPECT_THAT(alerts(steps + "on match skip past last", events), ElementsAre("r match 4s a#0 b#2 c#4 key(a)"));
  EXPECT_THAT(alerts(steps + "on match skip to a", events), ElementsAre("r match 4s a#0 b#2 c#4 key(a)", "r match 4s a#1 b#2 c#4 key(a)"));
  EXPECT_THAT(alerts(steps + "on match skip to b", events), ElementsAre("r match 4s a#0 b#2 c#4 key(a)"));
}

TEST(OnMatch, ARunThatHoldsAnEventOfItsOwnGoesOn) {
  // Two spoofed orders that share one price move are two alerts.
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A\nthen b: B\nthen c: C where x == a.x\nemit s()",
                     "0s A k=a x=1\n1s A k=a x=2\n2s B k=a\n3s C k=a x=1\n4s C k=a x=2"),
              ElementsAre("r match 3s a#0 b#2 c#3 key(a)", "r match 4s a#1 b#2 c#4 key(a)"));
}

TEST(OnMatch, TwoLoginsBeforeOneTransferAlertOnce) {
  const std::string clauses = "key k\nwithin 10s\nfirst a: A\nthen b: B\nemit s()\non timeout emit t()";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n1s A k=a\n2s B k=a"), ElementsAre("r match 2s a#0 b#2 key(a)"));
}

TEST(Limits, SlidingPerKeyAndKind) {
  const std::string clauses = "key k\nfirst a: A\nno C for 1s\nemit s()\nlimit 1 per 10s";
  EXPECT_THAT(alerts(clauses, "0s A k=a\n2s A k=a\n4s A k=a\n4s A k=b\n10s A k=a\n12s A k=a"),
              ElementsAre("r match 1s a#0 key(a)", "r match 5s a#3 key(b)", "r match 11s a#4 key(a) held 2"));
}

TEST(Aggregates, OfTheLoopItselfAndThePreviousEvent) {
  EXPECT_THAT(alerts("key k\nwithin 1m\nfirst a: A{3} where x > (prev.x ?? 0) and x > (max(a.x) ?? 0)\nemit s(n = sum(a.x), m = avg(a.x), "
                     "f = a[1].x, l = a[-1].x)",
                     "0s A k=a x=1\n1s A k=a x=1\n2s A k=a x=4\n3s A k=a x=2\n4s A k=a x=7"),
              ElementsAre("r match 4s a#0,2,4 key(a) {n=12 m=4 f=1 l=7}"));
}

TEST(Decisions, GapClosesALoopBehindWhichOnlyNextIsLeft) {
  const std::string clauses = "key k\nwithin 1m\nfirst a: A{2..} where x == 1 gap 5s\nnext b: B\nemit s()\non timeout emit t()";
  EXPECT_THAT(alerts(clauses, "0s A k=a x=1\n1s A k=a x=1\n2s A k=a x=2\n20s B k=a"), IsEmpty());  // 1.8: no timeout either.
  EXPECT_THAT(alerts(clauses, "0s A k=a x=1\n1s A k=a x=1\n20s B k=a"), ElementsAre("r match 20s a#0,1 b#2 key(a)"));
}

TEST(Decisions, LookingBackWhenTheFirstStepWasLeftOut) {
  // 1.15: p has taken nothing, so the condition is unknown and nothing was seen.
  const std::string clauses = "key k\nwithin 1m\nno A where x > p.x for 5s\nfirst p: C optional\nthen b: B\nemit s()";
  EXPECT_THAT(alerts(clauses, "0s A k=a x=9\n1s B k=a x=1", {.assume_silent = true}), ElementsAre("r match 1s b#1 key(a)"));
  EXPECT_THAT(alerts(clauses, "0s A k=a x=9\n1s C k=a x=1\n2s B k=a", {.assume_silent = true}), ElementsAre("r match 2s b#2 key(a)"));
  EXPECT_THAT(alerts(clauses, "0s A k=a x=0\n1s C k=a x=1\n2s B k=a", {.assume_silent = true}), ElementsAre("r match 2s p#1 b#2 key(a)"));
}

TEST(Decisions, InternalEmitsLeaveNothing) {
  EXPECT_THAT(alerts("key k\nfirst a: A\nno B for 1s\nemit s() internal", "0s A k=a"), IsEmpty());  // 1.16
}

}  // namespace
}  // namespace sequitur::reference
