package peers;

/** Esper with a keyed context: each key has patterns of its own. */
public final class EsperContext extends Esper {
  @Override String query(String workload) {
    long within = within(workload);
    String pattern = switch (workload) {
      case "sequence", "keys_1m" ->
          "select a.ts + b.ts + c.ts as s from pattern [every a=A -> ((b=B -> c=C) where timer:within(" + (within + 1) + " msec))]";
      case "absence" -> "select a.ts as s from pattern [every a=A -> (timer:interval(" + within + " msec) and not B)]";
      case "failures" ->
          "select a.ts + b.ts + c.ts + d.ts + e.ts + w.ts as s from pattern [every a=Login(ok=false) -> ((b=Login(ok=false) -> c=Login(ok=false) -> "
              + "d=Login(ok=false) -> e=Login(ok=false) -> w=Login(ok=true)) where timer:within(" + (within + 1) + " msec))]";
      default -> throw new IllegalArgumentException(workload);
    };
    String types = switch (workload) {
      case "absence" -> "key from A, key from B";
      case "failures" -> "key from Login";
      default -> "key from A, key from B, key from C";
    };
    return "@name('keys') create context Keys partition by " + types + ";\ncontext Keys " + pattern;
  }
}
