package peers;

import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.EventBean;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import com.espertech.esper.runtime.client.EPStatement;
import com.espertech.esper.runtime.client.UpdateListener;
import java.util.List;
import java.util.Locale;

/**
 * Esper, driven by the caller's thread and by event time: advanceTime() whenever the millisecond changes, then sendEventBean(). Keys are
 * conditions of the pattern (the runtime finds the waiting patterns by its filter indexes); EsperContext says the same by a context.
 *
 * <p>timer:within(d) excludes what comes exactly d later, the rule files include it: hence the 1 millisecond more.
 */
public class Esper extends Peer {
  private static int made;
  private EPRuntime runtime;

  String query(String workload) {
    long within = workload.equals("filters") ? 0 : within(workload) + 1;
    return switch (workload) {
      case "sequence", "keys_1m" ->
          "select a.ts + b.ts + c.ts as s from pattern [every a=A -> ((b=B(key=a.key) -> c=C(key=a.key)) where timer:within(" + within + " msec))]";
      case "absence" -> "select a.ts as s from pattern [every a=A -> (timer:interval(" + within(workload) + " msec) and not B(key=a.key))]";
      case "failures" ->
          "select a.ts + b.ts + c.ts + d.ts + e.ts + w.ts as s from pattern [every a=Login(ok=false) -> ((b=Login(ok=false, key=a.key) -> "
              + "c=Login(ok=false, key=a.key) -> d=Login(ok=false, key=a.key) -> e=Login(ok=false, key=a.key) -> w=Login(ok=true, key=a.key)) "
              + "where timer:within(" + within + " msec))]";
      case "strict_loop" ->
          "select a.ts + b.sumOf(v => v.ts) + c.ts as s, c.ts - a.ts as took from Row match_recognize (partition by key measures A as a, B as b, C as c "
              + "all matches after match skip to next row pattern (A B+ C) define A as A.type = 0, B as B.type = 1, "
              + "C as C.type = 2 and C.ts - A.ts <= " + within(workload) + ")";
      case "filters" -> "select a.ts as s from A(x=%d, amount>%s) as a";
      case "pairs" ->
          "select a.ts + b.ts as s from pattern [every a=A(x=%1$d, amount>%2$s) -> (b=B(x=%1$d, key=a.key) where timer:within(" + within + " msec))]";
      case "runs_100", "runs_1000" ->
          "select a.ts + b.ts as s from pattern [every a=A -> (b=B(key=a.key, x=a.x) where timer:within(" + within + " msec))]";
      default -> throw new IllegalArgumentException(workload);
    };
  }

  @Override public void open(String workload, List<Rule> rules) throws Exception {
    Configuration configuration = new Configuration();
    for (String type : new String[] {"A", "B", "C", "Login", "Row"}) configuration.getCommon().addEventType(type, Event.class);
    configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
    configuration.getRuntime().getThreading().setListenerDispatchPreserveOrder(false);
    configuration.getRuntime().getThreading().setInsertIntoDispatchPreserveOrder(false);
    configuration.getRuntime().getExecution().setDisableLocking(true);
    any = workload.equals("strict_loop");

    StringBuilder module = new StringBuilder();
    if (rules.isEmpty()) {
      module.append(query(workload)).append(";\n");
    } else {
      for (Rule rule : rules) module.append(String.format(Locale.ROOT, query(workload), rule.x(), rule.threshold())).append(";\n");
    }
    EPCompiled compiled = compile(workload, module.toString(), configuration);
    runtime = EPRuntimeProvider.getRuntime("peer" + made++, configuration);
    runtime.getEventService().advanceTime(0);
    UpdateListener listener = (found, old, statement, at) -> {
      matches += found.length;
      for (EventBean one : found) sum += (Long) one.get("s");
    };
    for (EPStatement statement : runtime.getDeploymentService().deploy(compiled).getStatements())
      if (!statement.getName().equals("keys")) statement.addListener(listener);
  }

  private boolean any;
  private static EPCompiled lastCompiled;  // Compiling a thousand statements takes longer than playing them.
  private static String lastModule;

  private static EPCompiled compile(String workload, String module, Configuration configuration) throws Exception {
    if (!module.equals(lastModule)) {
      lastCompiled = EPCompilerProvider.getCompiler().compile(module, new CompilerArguments(configuration));
      lastModule = module;
    }
    return lastCompiled;
  }

  private static final String[] TYPES = {"A", "B", "C", "Login"};

  @Override public void play(Event[] events) {
    EPEventService service = runtime.getEventService();
    long now = 0;
    for (Event event : events) {
      if (event.ts != now) service.advanceTime(now = event.ts);
      service.sendEventBean(event, any ? "Row" : TYPES[event.type]);
    }
    service.advanceTime(now + 1_000_000);
  }

  @Override public void close() { runtime.destroy(); }
}
