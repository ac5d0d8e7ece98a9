package peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Plays the first events of a file through a peer again and again, in one thread, and prints one line of JSON.
 *
 * <p>Arguments: class of the peer, workload, event file, events, repetitions, seconds of warm-up, file of rule parameters or "-". The
 * warm-up is whole passes until that time is over, but at least three.
 */
public final class Main {
  public static void main(String[] args) throws Exception {
    String workload = args[1];
    Event[] events = read(Path.of(args[2]), Integer.parseInt(args[3]));
    int repeat = Integer.parseInt(args[4]);
    double warm = Double.parseDouble(args[5]);
    List<Peer.Rule> rules = new ArrayList<>();
    if (!args[6].equals("-"))
      for (String line : Files.readAllLines(Path.of(args[6]))) {
        String[] parts = line.split(",");
        rules.add(new Peer.Rule(Long.parseLong(parts[0]), Double.parseDouble(parts[1])));
      }
    System.gc();
    long loaded = status("VmRSS:");
    try { Files.writeString(Path.of("/proc/self/clear_refs"), "5"); } catch (java.io.IOException ignored) { }

    // The CPU time is that of all threads: what plays, collects garbage and compiles.
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    StringBuilder seconds = new StringBuilder(), cpu = new StringBuilder();
    long matches = -1, sum = 0, warmups = 0;
    double warmed = 0;
    boolean sums = true;
    for (int done = 0; done < repeat;) {
      try (Peer peer = (Peer) Class.forName(args[0]).getDeclaredConstructor().newInstance()) {
        peer.prepare(events);
        peer.open(workload, rules);
        long cpuBegin = system.getProcessCpuTime(), begin = System.nanoTime();
        peer.play(events);
        double took = (System.nanoTime() - begin) * 1e-9, cpuTook = (system.getProcessCpuTime() - cpuBegin) * 1e-9;
        if (!Double.isNaN(peer.seconds())) took = peer.seconds();
        if (matches >= 0 && (matches != peer.matches || sum != peer.sum))
          throw new IllegalStateException("the matches changed from pass to pass: " + matches + " " + peer.matches);
        sums = peer.sums;
        matches = peer.matches;
        sum = peer.sum;
        if (warmups < 3 || warmed < warm) {
          warmups++;
          warmed += took;
        } else {
          cpu.append(done == 0 ? "" : ", ").append(String.format(Locale.ROOT, "%.6f", cpuTook));
          seconds.append(done++ == 0 ? "" : ", ").append(String.format(Locale.ROOT, "%.6f", took));
        }
      }
    }
    System.out.printf(Locale.ROOT, "{\"events\": %d, \"seconds\": [%s], \"cpu\": [%s], \"matches\": %d, \"sum\": %s, \"loaded_kb\": %d, \"peak_kb\": %d, \"warmups\": %d}%n",
        events.length, seconds, cpu, matches, sums ? sum : "null", loaded, status("VmHWM:"), warmups);
    System.out.flush();
    System.exit(0); // Whatever threads a peer has left.
  }

  private static Event[] read(Path path, int count) throws Exception {
    Event[] events = new Event[count];
    try (BufferedReader lines = Files.newBufferedReader(path)) {
      for (int i = 0; i < count; i++) events[i] = Event.parse(lines.readLine());
    }
    return events;
  }

  private static long status(String what) throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status")))
      if (line.startsWith(what)) return Long.parseLong(line.replaceAll("[^0-9]", ""));
    return 0;
  }
}
