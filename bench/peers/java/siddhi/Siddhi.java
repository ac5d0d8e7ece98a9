package peers;

import io.siddhi.core.SiddhiAppRuntime;
import io.siddhi.core.SiddhiManager;
import io.siddhi.core.stream.input.InputHandler;
import io.siddhi.core.stream.output.StreamCallback;
import java.util.List;
import java.util.Locale;

/**
 * Siddhi in the caller's thread (no @async), on event time (@app:playback: the clock is the greatest time sent). Keys are partitions; rules of a
 * single key, or of 1,000 at a time, have the key as a condition. Siddhi's `within` includes what comes exactly at its end, as the rule files do.
 */
public final class Siddhi extends Peer {
  private static Event[] prepared;
  private static Object[][] rows;
  private SiddhiManager manager;
  private SiddhiAppRuntime runtime;

  private static final String FIELDS = " (ts long, key long, x long, amount double);\n";
  private static final String STREAMS = "@app:playback define stream A" + FIELDS + "define stream B" + FIELDS + "define stream C" + FIELDS
      + "define stream Login (ts long, key long, ok bool);\ndefine stream Tick (ts long);\ndefine stream Out (s long);\n";

  private static String byKey(String streams, String query) {
    return "partition with (" + streams + ") begin\n" + query + "\nend;\n";
  }

  private static String query(String workload) {
    return switch (workload) {
      case "sequence", "keys_1m" -> byKey("key of A, key of B, key of C",
          "from every e1=A -> e2=B -> e3=C within 60 sec select e1.ts + e2.ts + e3.ts as s insert into Out;");
      case "absence" -> "from every e1=A -> not B[key == e1.key] for 5 sec select e1.ts as s insert into Out;";
      case "failures" -> byKey("key of Login",
          "from every e1=Login[not ok] -> e2=Login[not ok] -> e3=Login[not ok] -> e4=Login[not ok] -> e5=Login[not ok] -> e6=Login[ok] within 2 min "
              + "select e1.ts + e2.ts + e3.ts + e4.ts + e5.ts + e6.ts as s insert into Out;");
      case "strict_loop" -> byKey("key of A, key of B, key of C",
          "from every e1=A, e2=B+, e3=C within 60 sec select e1.ts + e3.ts as s insert into Out;");
      case "filters" -> "from A[x == %dL and amount > %s] select ts as s insert into Out;\n";
      case "pairs" -> "from every e1=A[x == %1$dL and amount > %2$s] -> e2=B[x == %1$dL and key == e1.key] within 10 sec "
          + "select e1.ts + e2.ts as s insert into Out;\n";
      case "runs_100", "runs_1000" -> "from every e1=A -> e2=B[key == e1.key and x == e1.x] within " + within(workload)
          + " milliseconds select e1.ts + e2.ts as s insert into Out;\n";
      default -> throw new IllegalArgumentException(workload);
    };
  }

  @Override public void prepare(Event[] events) {
    if (events == prepared) return;
    prepared = events;
    rows = new Object[events.length][];
    for (int i = 0; i < events.length; i++) {
      Event event = events[i];
      rows[i] = event.type == Event.LOGIN ? new Object[] {event.ts, event.key, event.ok} : new Object[] {event.ts, event.key, event.x, event.amount};
    }
  }

  @Override public void open(String workload, List<Rule> rules) throws Exception {
    sums = !workload.equals("strict_loop"); // There is no sum over the events of e2.
    StringBuilder app = new StringBuilder(STREAMS);
    if (rules.isEmpty()) app.append(query(workload));
    for (Rule rule : rules) app.append(String.format(Locale.ROOT, query(workload), rule.x(), rule.threshold()));
    manager = new SiddhiManager();
    runtime = manager.createSiddhiAppRuntime(app.toString());
    runtime.addCallback("Out", new StreamCallback() {
      @Override public void receive(io.siddhi.core.event.Event[] found) {
        matches += found.length;
        for (io.siddhi.core.event.Event one : found) sum += (Long) one.getData(0);
      }
    });
    runtime.start();
  }

  @Override public void play(Event[] events) throws Exception {
    InputHandler[] streams = new InputHandler[4];
    for (int type = 0; type < 4; type++) streams[type] = runtime.getInputHandler(new String[] {"A", "B", "C", "Login"}[type]);
    long now = 0;
    for (int i = 0; i < events.length; i++) {
      now = events[i].ts;
      streams[events[i].type].send(now, rows[i]);
    }
    // In playback a deadline needs a later event of any stream.
    now += 1_000_000;
    runtime.getInputHandler("Tick").send(now, new Object[] {now});
  }

  @Override public void close() {
    runtime.shutdown();
    manager.shutdown();
  }
}
