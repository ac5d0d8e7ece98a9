package peers;

import java.util.List;

/** One engine with the queries of one workload, from an empty state: made for each pass anew. */
public abstract class Peer implements AutoCloseable {
  /** What one of many rules asks for. */
  public record Rule(long x, double threshold) {}

  /** The matches, and the sum of the times of all events they took. */
  public long matches, sum;
  /** Whether the query can say all the times. */
  public boolean sums = true;

  /** Not timed. */
  public abstract void open(String workload, List<Rule> rules) throws Exception;

  /** Not timed: events as the peer takes them, where that is not an Event. */
  public void prepare(Event[] events) { }

  /** Timed: all events in their order, then everything that the passing of time still decides. */
  public abstract void play(Event[] events) throws Exception;

  /** The seconds of play(), where it knows better than the clock around it. */
  public double seconds() { return Double.NaN; }

  @Override public abstract void close() throws Exception;

  /** Limits of the workloads that the queries of several peers name, in milliseconds, as the rule files do. */
  public static long within(String workload) {
    return switch (workload) {
      case "sequence", "loop", "strict_loop", "keys_1m" -> 60_000;
      case "absence" -> 5_000;
      case "failures" -> 120_000;
      case "pairs" -> 10_000;
      case "runs_100" -> 200;
      case "runs_1000" -> 2_000;
      default -> throw new IllegalArgumentException(workload);
    };
  }
}
