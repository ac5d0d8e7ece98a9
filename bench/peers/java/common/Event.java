package peers;

/** One event of any workload. Public fields for Flink, getters for Esper. */
public final class Event {
  public static final int A = 0, B = 1, C = 2, LOGIN = 3;

  public int type;
  public long ts;
  public long key;
  public long x;
  public double amount;
  public boolean ok;

  public int getType() { return type; }
  public long getTs() { return ts; }
  public long getKey() { return key; }
  public long getX() { return x; }
  public double getAmount() { return amount; }
  public boolean isOk() { return ok; }

  /** A line of the event file, whose fields stand in one order. */
  static Event parse(String line) {
    Event event = new Event();
    String stream = text(line, "\"stream\":\"", '"');
    event.type = stream.equals("login") ? LOGIN : stream.charAt(0) - 'a';
    event.ts = Long.parseLong(text(line, "\"ts\":", ','));
    event.key = Long.parseLong(text(line, "\"key\":", ','));
    if (event.type == LOGIN) {
      event.ok = Boolean.parseBoolean(text(line, "\"ok\":", '}'));
    } else {
      event.x = Long.parseLong(text(line, "\"x\":", ','));
      event.amount = Double.parseDouble(text(line, "\"amount\":", '}'));
    }
    return event;
  }

  private static String text(String line, String name, char end) {
    int begin = line.indexOf(name) + name.length();
    return line.substring(begin, line.indexOf(end, begin));
  }
}
