package peers;

import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.cep.CEP;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * A whole job in a MiniCluster of parallelism 1: a source that hands out the events in memory, keyBy, the pattern in event time, a sink that
 * counts. Object reuse is on. Timed from the first event to the end of the job, without its submission. keyBy puts a serialised hand-over
 * between the source's task and the operator's, which are threads of their own.
 */
public final class FlinkJob extends Peer {
  private static Event[] events;
  private static volatile long begin;
  private static long found, total;
  private String workload;
  private List<Rule> rules;
  private double seconds;

  @Override public void open(String workload, List<Rule> rules) {
    this.workload = workload;
    this.rules = rules.isEmpty() ? List.of(new Rule(0, 0)) : rules;
  }

  @Override public void play(Event[] all) throws Exception {
    events = all;
    found = total = 0;
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(1);
    environment.getConfig().enableObjectReuse();
    GeneratorFunction<Long, Event> hand = index -> {
      if (index == 0) begin = System.nanoTime();
      return events[index.intValue()];
    };
    DataStream<Event> source = environment.fromSource(
        new DataGeneratorSource<>(hand, all.length, RateLimiterStrategy.noOp(), TypeInformation.of(Event.class)),
        WatermarkStrategy.<Event>forMonotonousTimestamps().withTimestampAssigner((event, at) -> event.ts), "events");
    for (Rule rule : rules)
      CEP.pattern(source.keyBy(event -> event.key, Types.LONG), FlinkPatterns.of(workload, rule)).process(new FlinkPatterns.Sum())
          .process(new Count()).sinkTo(new DiscardingSink<>());
    environment.execute();
    seconds = (System.nanoTime() - begin) * 1e-9;
    matches = found;
    sum = total;
  }

  @Override public double seconds() { return seconds; }
  @Override public void close() { }

  private static final class Count extends ProcessFunction<Long, Long> {
    @Override public void processElement(Long times, Context context, Collector<Long> out) { found++; total += times; }
  }
}
