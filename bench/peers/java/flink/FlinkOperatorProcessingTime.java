package peers;

/** The same in processing time, by a clock that the events set: nothing is buffered and sorted for a watermark. */
public final class FlinkOperatorProcessingTime extends FlinkOperator {
  @Override boolean processingTime() { return true; }
}
