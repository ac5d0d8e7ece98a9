package peers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;
import org.apache.flink.cep.pattern.conditions.SimpleCondition;
import org.apache.flink.util.Collector;

/**
 * The workloads as patterns, all without a skip strategy (every match is reported).
 *
 * <p>within(d) excludes what comes exactly d later, the rule files include it: hence the 1 millisecond more.
 */
final class FlinkPatterns {
  static Pattern<Event, ?> of(String workload, Peer.Rule rule) {
    Duration within = Duration.ofMillis(workload.equals("filters") ? 0 : Peer.within(workload) + 1);
    return switch (workload) {
      case "sequence", "keys_1m" ->
          Pattern.<Event>begin("a").where(type(Event.A)).followedBy("b").where(type(Event.B)).followedBy("c").where(type(Event.C)).within(within);
      case "absence" ->
          Pattern.<Event>begin("a").where(type(Event.A)).notFollowedBy("b").where(type(Event.B)).within(within.minusMillis(1));
      case "failures" ->
          Pattern.<Event>begin("a").where(login(false)).times(5).followedBy("b").where(login(true)).within(within);
      // Without until() a loop that has given a match with one c goes on to the next c.
      case "loop" ->
          Pattern.<Event>begin("a").where(type(Event.A)).followedBy("b").where(type(Event.B)).oneOrMore().until(type(Event.C))
              .followedBy("c").where(type(Event.C)).within(within);
      case "strict_loop" ->
          Pattern.<Event>begin("a").where(type(Event.A)).next("b").where(type(Event.B)).oneOrMore().consecutive()
              .next("c").where(type(Event.C)).within(within);
      case "filters" -> Pattern.<Event>begin("a").where(above(Event.A, rule));
      case "pairs" ->
          Pattern.<Event>begin("a").where(above(Event.A, rule)).followedBy("b").where(above(Event.B, new Peer.Rule(rule.x(), -1))).within(within);
      case "runs_100", "runs_1000" ->
          Pattern.<Event>begin("a").where(type(Event.A)).followedBy("b").where(new SameX()).within(within);
      default -> throw new IllegalArgumentException(workload);
    };
  }

  private static SimpleCondition<Event> type(int type) { return SimpleCondition.of(event -> event.type == type); }
  private static SimpleCondition<Event> login(boolean ok) { return SimpleCondition.of(event -> event.type == Event.LOGIN && event.ok == ok); }
  private static SimpleCondition<Event> above(int type, Peer.Rule rule) {
    long x = rule.x();
    double threshold = rule.threshold();
    return SimpleCondition.of(event -> event.type == type && event.x == x && event.amount > threshold);
  }

  private static final class SameX extends IterativeCondition<Event> {
    @Override public boolean filter(Event event, Context<Event> context) throws Exception {
      return event.type == Event.B && context.getEventsForPattern("a").iterator().next().x == event.x;
    }
  }

  /** Of each match the sum of the times of its events. */
  static final class Sum extends PatternProcessFunction<Event, Long> {
    @Override public void processMatch(Map<String, List<Event>> match, Context context, Collector<Long> out) {
      long sum = 0;
      for (List<Event> step : match.values()) for (Event event : step) sum += event.ts;
      out.collect(sum);
    }
  }
}
