// Operations of a fleet: heartbeats every 10 seconds, logs, deploys, disks, health checks, batch jobs.
#include <algorithm>
#include <array>

#include "cli/generate/ids.hpp"
#include "cli/generate/scenario.hpp"

namespace sequitur::cli {
namespace {

enum Column { kHost, kService, kJob, kMount, kLoad, kUsed, kUp, kOk, kLevel, kVersion, kBy, kMessage };
constexpr std::array<std::string_view, 12> kColumns{"host", "service", "job",   "mount",   "load", "used",
                                                    "up",   "ok",      "level", "version", "by",   "message"};
constexpr std::array<std::string_view, 12> kServices{"checkout", "search",  "basket", "login",    "mail",     "stock",
                                                     "prices",   "reports", "images", "payments", "shipping", "gateway"};
constexpr std::array<std::string_view, 4> kJobs{"backup", "invoices", "export", "cleanup"};
constexpr std::array<std::string_view, 4> kMessages{"connection refused by upstream", "timeout after 30 s", "out of memory in worker",
                                                    "unexpected end of response"};

enum Kind { kHeartbeatMissing, kErrorBurst, kDeployErrors, kDiskFilling, kFlapping, kJobOverrun, kKinds };

struct Host {
  Timestamp silent_until{};
  std::int64_t used = 0;  // Per mille of its disk.
};

class Heartbeats : public Scenario {
 public:
  explicit Heartbeats(std::uint64_t events) : hosts_(std::clamp<std::uint64_t>(events / 2'700, 20, 5'000)) {
    // Four of five events are heartbeats, and each host's come every 10 seconds.
    span_ = Duration{static_cast<std::int64_t>(events * 4 / 5 / hosts_.size()) * Duration{seconds{10}}.count()};
    for (std::size_t i = 0; i < hosts_.size(); ++i) hosts_[i].used = 300 + static_cast<std::int64_t>(i * 37 % 400);
  }

  Columns columns() const override { return kColumns; }
  Duration span() const override { return span_; }
  std::size_t incident_kinds() const override { return kKinds; }

  void background(EventWriter& writer, Timestamp now) override {
    if (++step_ % 5 != 0) return heartbeat(writer, now);
    const std::uint64_t dice = writer.random.below(1'000);
    if (dice < 300) return everyday_log(writer, now);
    if (dice < 640) return disk(writer, now);
    if (dice < 970) return health(writer, now);
    if (dice < 980) return deploy(writer, now);
    job(writer, now);
  }

  void incident(std::size_t kind, EventWriter& writer, Timestamp now) override {
    switch (kind) {
      case kHeartbeatMissing: return heartbeat_missing(writer, now);
      case kErrorBurst: return error_burst(writer, now);
      case kDeployErrors: return deploy_errors(writer, now);
      case kDiskFilling: return disk_filling(writer, now);
      case kFlapping: return flapping(writer, now);
      default: return job_overrun(writer, now);
    }
  }

 private:
  static Id host_id(std::size_t host) { return Id('h', host, 5); }
  // Each service runs in several places, named "checkout-3".
  std::string service_name(Random& random) {
    return std::string(random.pick(kServices)) + '-' + std::to_string(random.below(std::max<std::uint64_t>(1, hosts_.size() / 10)));
  }

  static void write_log(EventWriter& writer, std::string_view service, std::size_t host, std::string_view level, Timestamp time) {
    writer.begin("service_log", time)
        .text(kHost, host_id(host))
        .text(kService, service)
        .text(kLevel, level)
        .text(kMessage, writer.random.pick(kMessages));
  }
  static void write_deploy(EventWriter& writer, std::string_view service, Timestamp time) {
    const std::string version = "1." + std::to_string(writer.random.below(60)) + '.' + std::to_string(writer.random.below(10));
    writer.begin("deploy", time).text(kService, service).text(kVersion, version).text(kBy, Id('u', writer.random.below(20), 3));
  }
  static void write_disk(EventWriter& writer, std::size_t host, std::int64_t used, Timestamp time) {
    writer.begin("disk", time).text(kHost, host_id(host)).text(kMount, "/data").decimal(kUsed, used, 1);
  }
  static void write_health(EventWriter& writer, std::string_view service, std::size_t host, bool up, Timestamp time) {
    writer.begin("health", time).text(kHost, host_id(host)).text(kService, service).flag(kUp, up);
  }
  static void write_job(EventWriter& writer, bool started, std::string_view name, std::size_t host, Timestamp time) {
    writer.begin(started ? "job_started" : "job_done", time).text(kHost, host_id(host)).text(kJob, name);
    if (!started) writer.record.flag(kOk, true);
  }

  void heartbeat(EventWriter& writer, Timestamp now) {
    const std::size_t host = next_host_++ % hosts_.size();
    if (now < hosts_[host].silent_until) return;
    writer.begin("heartbeat", now).text(kHost, host_id(host)).decimal(kLoad, static_cast<std::int64_t>(writer.random.below(400)), 2);
    writer.add();
  }

  void everyday_log(EventWriter& writer, Timestamp now) {
    write_log(writer, service_name(writer.random), writer.random.below(hosts_.size()), writer.random.chance(1, 8) ? "error" : "warning",
              now);
    writer.add();
  }

  void disk(EventWriter& writer, Timestamp now) {
    const std::size_t host = writer.random.below(hosts_.size());
    std::int64_t& used = hosts_[host].used;
    used = std::clamp<std::int64_t>(used + writer.random.between(-6, 6), 100, 860);
    write_disk(writer, host, used, now);
    writer.add();
  }

  void health(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::string service = service_name(random);
    const std::size_t host = random.below(hosts_.size());
    const bool up = !random.chance(1, 150);
    write_health(writer, service, host, up, now);
    writer.add();
    if (up) return;
    write_health(writer, service, host, true, now + seconds{random.between(20, 200)});  // It recovers, once.
    writer.add();
  }

  void deploy(EventWriter& writer, Timestamp now) {
    write_deploy(writer, service_name(writer.random), now);
    writer.add();
  }

  void job(EventWriter& writer, Timestamp now) {
    const std::string name = std::string(writer.random.pick(kJobs)) + '-' + std::to_string(jobs_++);
    const std::size_t host = writer.random.below(hosts_.size());
    write_job(writer, true, name, host, now);
    writer.add();
    write_job(writer, false, name, host, now + seconds{writer.random.between(30, 2'400)});
    writer.add();
  }

  void heartbeat_missing(EventWriter& writer, Timestamp now) {
    const std::size_t host = writer.random.below(hosts_.size());
    const Duration silence = seconds{writer.random.between(120, 600)};
    if (now < hosts_[host].silent_until) return;
    hosts_[host].silent_until = now + silence;
    // The last heartbeat was up to a round ago; the alert comes after 30 seconds to 2 minutes of silence.
    writer.timeline.begin_incident({"heartbeat_missing", {{"host", host_id(host).str()}}, now, now + silence});
  }

  void error_burst(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::string service = service_name(random);
    const std::size_t id = writer.timeline.begin_incident({"error_burst", {{"service", service}}, now, now + minutes{2}});
    Timestamp time = now;
    for (std::int64_t left = random.between(20, 60); left > 0; --left) {
      write_log(writer, service, random.below(hosts_.size()), "error", time);
      writer.add_to(id);
      time += milliseconds{random.between(100, 1'000)};
    }
  }

  void deploy_errors(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::string service = service_name(random);
    const std::size_t id = writer.timeline.begin_incident({"deploy_errors", {{"service", service}}, now, now + minutes{6}});
    write_deploy(writer, service, now);
    writer.add_to(id);
    Timestamp time = now + seconds{random.between(5, 60)};
    for (std::int64_t left = random.between(5, 15); left > 0; --left) {
      write_log(writer, service, random.below(hosts_.size()), "error", time);
      writer.add_to(id);
      time += seconds{random.between(2, 15)};
    }
  }

  void disk_filling(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::size_t host = hosts_.size() + filling_++;  // A host of its own, so that no other sample comes between.
    const std::size_t id = writer.timeline.begin_incident({"disk_filling", {{"host", host_id(host).str()}}, now, now + minutes{20}});
    std::int64_t used = random.between(700, 780);
    for (Timestamp time = now; used < 990; time += minutes{1}) {
      write_disk(writer, host, used, time);
      writer.add_to(id);
      used += random.between(15, 40);
    }
  }

  void flapping(EventWriter& writer, Timestamp now) {
    Random& random = writer.random;
    const std::string service = service_name(random);
    const std::size_t host = random.below(hosts_.size());
    const std::size_t id =
        writer.timeline.begin_incident({"flapping", {{"service", service}, {"host", host_id(host).str()}}, now, now + minutes{6}});
    Timestamp time = now;
    for (std::int64_t left = random.between(2, 4); left > 0; --left) {
      write_health(writer, service, host, false, time);
      writer.add_to(id);
      time += seconds{random.between(10, 40)};
      write_health(writer, service, host, true, time);
      writer.add_to(id);
      time += seconds{random.between(10, 30)};
    }
  }

  void job_overrun(EventWriter& writer, Timestamp now) {
    const std::string name = std::string(writer.random.pick(kJobs)) + '-' + std::to_string(jobs_++);
    const std::size_t id = writer.timeline.begin_incident({"job_overrun", {{"job", name}}, now, now + minutes{61}});
    write_job(writer, true, name, writer.random.below(hosts_.size()), now);
    writer.add_to(id);
  }

  std::vector<Host> hosts_;
  Duration span_{};
  std::uint64_t step_ = 0, next_host_ = 0, jobs_ = 0, filling_ = 0;
};

}  // namespace

std::unique_ptr<Scenario> make_heartbeats(std::uint64_t events) { return std::make_unique<Heartbeats>(events); }

}  // namespace sequitur::cli
