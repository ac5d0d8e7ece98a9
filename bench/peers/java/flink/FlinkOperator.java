package peers;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.cep.nfa.aftermatch.AfterMatchSkipStrategy;
import org.apache.flink.cep.nfa.compiler.NFACompiler;
import org.apache.flink.cep.operator.CepOperator;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/**
 * Flink's CEP operator alone in its test harness: keyed state on the heap, no job, no network, no serialisation. In event time, with a
 * watermark every 1,000 events. Many rules are many operators, each of which sees every event.
 */
public class FlinkOperator extends Peer {
  private static final int EVENTS_A_WATERMARK = 1000;
  private final List<KeyedOneInputStreamOperatorTestHarness<Long, Event, Long>> operators = new ArrayList<>();

  boolean processingTime() { return false; }

  @Override public void open(String workload, List<Rule> rules) throws Exception {
    TypeInformation<Event> type = TypeInformation.of(Event.class);
    for (Rule rule : rules.isEmpty() ? List.of(new Rule(0, 0)) : rules) {
      Pattern<Event, ?> pattern = FlinkPatterns.of(workload, rule);
      var operator = new CepOperator<Event, Long, Long>(type.createSerializer(new org.apache.flink.api.common.serialization.SerializerConfigImpl()),
          processingTime(), NFACompiler.compileFactory(pattern, false), null, AfterMatchSkipStrategy.noSkip(), new FlinkPatterns.Sum(), null);
      var harness = new KeyedOneInputStreamOperatorTestHarness<Long, Event, Long>(operator, event -> event.key, Types.LONG);
      harness.setOutputCreator(serializer -> new Counter());
      harness.setup(LongSerializer.INSTANCE);
      harness.open();
      operators.add(harness);
    }
  }

  @Override public void play(Event[] events) throws Exception {
    long now = 0;
    for (int i = 0; i < events.length; i++) {
      Event event = events[i];
      if (processingTime()) {
        if (event.ts != now) for (var operator : operators) operator.setProcessingTime(event.ts);
      } else if (i % EVENTS_A_WATERMARK == 0 && i > 0) {
        // More of this time may come.
        for (var operator : operators) operator.processWatermark(event.ts - 1);
      }
      now = event.ts;
      for (var operator : operators) operator.processElement(event, event.ts);
    }
    for (var operator : operators) {
      if (processingTime()) operator.setProcessingTime(now + 1_000_000);
      else operator.processWatermark(Long.MAX_VALUE);
    }
  }

  @Override public void close() throws Exception { for (var operator : operators) operator.close(); }

  private final class Counter implements Output<StreamRecord<Long>> {
    @Override public void collect(StreamRecord<Long> record) { matches++; sum += record.getValue(); }
    @Override public <X> void collect(OutputTag<X> tag, StreamRecord<X> record) { throw new IllegalStateException("a late event"); }
    @Override public void emitWatermark(Watermark mark) { }
    @Override public void emitWatermark(WatermarkEvent mark) { }
    @Override public void emitWatermarkStatus(WatermarkStatus status) { }
    @Override public void emitLatencyMarker(LatencyMarker marker) { }
    @Override public void emitRecordAttributes(RecordAttributes attributes) { }
    @Override public void close() { }
  }
}
