// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 The Bakeoff Authors
// fork and exec with nothing but async-signal-safe calls in between; stderr into a ring; kill of the group and reaping.
#include "worker/host/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "bakeoff/error.h"
#include "core/fd.h"
#include "core/out_of_memory.h"
#include "core/text.h"
#include "worker/host/startup.h"

namespace bakeoff::worker {
namespace {

using namespace std::chrono_literals;
using core::Fd;
using Clock = std::chrono::steady_clock;

constexpr size_t kMostStderr = 64 << 10;

struct Pipe {
  Fd read, write;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error(ErrorCode::kUnavailable, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
};

void NonBlocking(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

// PR_SET_PDEATHSIG fires when the *thread* that forked ends, so every fork happens on one thread that never does.
class Forker {
 public:
  static Forker& Get() {
    static auto* forker = new Forker;  // never destroyed: its thread must live as long as the process
    return *forker;
  }
  pid_t Fork(const std::function<pid_t()>& fork_function) {
    std::packaged_task<pid_t()> task(fork_function);
    auto result = task.get_future();
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return result.get();
  }

 private:
  Forker() {
    std::thread([this] {
      while (true) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return !tasks_.empty(); });
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
      }
    }).detach();
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::packaged_task<pid_t()>> tasks_;
};

std::vector<std::string> Environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> rows;
  for (char** row = environ; row && *row; ++row) {
    const std::string_view text(*row);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) rows.emplace_back(text);
  }
  for (const auto& [name, value] : added) rows.push_back(name + "=" + value);
  return rows;
}

std::vector<char*> Pointers(std::vector<std::string>& rows) {
  std::vector<char*> pointers;
  for (std::string& row : rows) pointers.push_back(row.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Everything the child needs, made before fork(): it may not allocate.
struct ChildPlan {
  const char* program;
  char* const* words;
  char* const* environment;
  int in, out, err, report;
  const int* inherited;
  size_t inherited_count;
  const cpu_set_t* mask;
  size_t mask_bytes;
  pid_t host;
  ResourceLimits limits;
};

// Lowers a limit; false where that failed. A limit of the host that is lower stays.
bool Limit(decltype(RLIMIT_AS) which, uint64_t value) {
  rlimit limit{};
  if (value == 0) return true;
  if (getrlimit(which, &limit) != 0) return false;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < value) value = limit.rlim_max;
  limit.rlim_cur = static_cast<rlim_t>(value);
  return setrlimit(which, &limit) == 0;
}

// Where the kernel must end a process, it should be this one and not the host, which then tells what happened. The
// value is what browsers give the processes of their pages; one that is higher already stays.
void GoFirstWhenMemoryIsShort() {
  constexpr int kScore = 300;
  const int file = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  std::array<char, 8> text{};
  int score = 0;
  if (read(file, text.data(), text.size()) > 0) {
    for (size_t i = 0; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) score = 10 * score + (text[i] - '0');
  }
  if (score < kScore) [[maybe_unused]]
    const ssize_t put = pwrite(file, "300", 3, 0);
  close(file);
}

// Between fork and exec, in a process whose other threads are gone: async-signal-safe calls only.
[[noreturn]] void Child(const ChildPlan& plan) {
  const auto fail = [&] {
    const int error = errno;
    [[maybe_unused]] const ssize_t put = write(plan.report, &error, sizeof(error));
    _exit(127);
  };
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  GoFirstWhenMemoryIsShort();
  if (getppid() != plan.host) _exit(127);  // the host died before the line above
  // The numbers are above 2 (PrepareHostProcess keeps 0 to 2 open), so no dup2 overwrites one that is still needed.
  if (dup2(plan.in, 0) < 0 || dup2(plan.out, 1) < 0 || dup2(plan.err, 2) < 0) fail();
  for (size_t i = 0; i < plan.inherited_count; ++i) {
    if (fcntl(plan.inherited[i], F_SETFD, 0) != 0) fail();
  }
  if (plan.mask && sched_setaffinity(0, plan.mask_bytes, plan.mask) != 0) fail();
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadow memory is address space as well
  if (!Limit(RLIMIT_AS, plan.limits.memory_bytes)) fail();
#endif
  if (!Limit(RLIMIT_CPU, plan.limits.cpu_seconds)) fail();
  // What is ignored stays so across exec; the worker must start like any program.
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execve(plan.program, plan.words, plan.environment);
  fail();
  _exit(127);
}

std::string ExecText(int error) {
  if (error == ENOEXEC) return "is no program for this machine (another architecture, or a script without #! line)";
  if (error == ENOENT) return "cannot be executed: its interpreter or loader is missing";
  return fmt::format("cannot be executed: {}", std::strerror(error));
}

}  // namespace

struct Process::Impl {
  std::string name;
  pid_t pid = -1;
  Fd in, out, err, stop;
  std::thread reader;
  std::mutex mutex;  // guards ring, line and the reading end of stderr
  std::string ring, line;
  std::function<void(std::string_view)> heard;
  bool reaped = false, killed = false;
  int status = 0;
  std::optional<int64_t> out_of_memory_kills = core::OutOfMemoryKills();  // before it started, then while it ran

  void ReadStderr();
  ssize_t ReadSome();
  void Drain();
  void Append(std::string_view text);
  bool Ended();
  void Reap();
};

void Process::Impl::Append(std::string_view text) {
  ring += text;
  if (ring.size() > kMostStderr) ring.erase(0, ring.size() - kMostStderr);
  if (heard) heard(text);
  if (!spdlog::should_log(spdlog::level::debug)) return;
  for (const char c : text) {
    if (c != '\n' && line.size() < 4096) {
      line += c;
      continue;
    }
    spdlog::debug("[{}] {}", name, line);
    line.clear();
  }
}

// One read into the ring, with `mutex` held: bytes, 0 at the end, -1 with errno.
ssize_t Process::Impl::ReadSome() {
  std::array<char, 4096> buffer;
  const ssize_t got = read(err.get(), buffer.data(), buffer.size());
  if (got > 0) Append({buffer.data(), static_cast<size_t>(got)});
  return got;
}

// Ends when the last holder of the other end is gone, or at the stop event: a grandchild that left the group may keep
// it open.
void Process::Impl::ReadStderr() {
  size_t after_stop = 0;
  while (after_stop < kMostStderr) {
    std::array<pollfd, 2> wanted = {pollfd{err.get(), POLLIN, 0}, pollfd{stop.get(), POLLIN, 0}};
    if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return;
    if (wanted[0].revents != 0) {
      const std::lock_guard lock(mutex);
      const ssize_t got = ReadSome();
      if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return;
      if (got > 0 && wanted[1].revents != 0) after_stop += static_cast<size_t>(got);
      continue;
    }
    if (wanted[1].revents != 0) return;
  }
}

// What lies in the pipe already, with `mutex` held. Bounded: the child may write faster than this reads.
void Process::Impl::Drain() {
  for (size_t drained = 0; drained < kMostStderr;) {
    const ssize_t got = ReadSome();
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    drained += static_cast<size_t>(got);
  }
}

// Whether it is a zombie. It stays one, so that nobody else can get its number before the group was killed.
bool Process::Impl::Ended() {
  if (reaped) return true;
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

void Process::Impl::Reap() {
  while (!reaped) {
    const pid_t got = waitpid(pid, &status, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status = 0;  // somebody else reaped it; there is nothing to know
    reaped = true;
  }
}

Process::Process(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Process::~Process() {
  Stop(0ms);
}

std::unique_ptr<Process> Process::Start(const ProcessOptions& options) {
  // Tests and libraries have no PrepareHostProcess(); a write to a dead worker must be an error, not the end.
  static std::once_flag pipes;
  std::call_once(pipes, [] { signal(SIGPIPE, SIG_IGN); });
  const std::string program = FindProgram(options.words.at(0));
  std::vector<std::string> words = options.words;
  std::vector<std::string> environment = Environment(options.environment);
  const std::vector<char*> word_pointers = Pointers(words), environment_pointers = Pointers(environment);

  constexpr int kMostCpus = 8192;
  const size_t mask_bytes = CPU_ALLOC_SIZE(kMostCpus);
  const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> mask(CPU_ALLOC(kMostCpus),
                                                              [](cpu_set_t* set) { CPU_FREE(set); });
  CPU_ZERO_S(mask_bytes, mask.get());
  for (const int cpu : options.cpus) CPU_SET_S(cpu, mask_bytes, mask.get());

  Pipe in, out, err, report;
  auto impl = std::make_unique<Impl>();
  impl->name = options.name;
  impl->heard = options.heard;
  impl->stop = Fd(eventfd(0, EFD_CLOEXEC));
  const ChildPlan plan{program.c_str(),
                       word_pointers.data(),
                       environment_pointers.data(),
                       in.read.get(),
                       out.write.get(),
                       err.write.get(),
                       report.write.get(),
                       options.inherited.data(),
                       options.inherited.size(),
                       options.cpus.empty() ? nullptr : mask.get(),
                       mask_bytes,
                       getpid(),
                       options.limits};
  impl->pid = Forker::Get().Fork([&plan] {
    // No handler of the host may run in the child, and no signal may come between fork and the list of groups.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0) Child(plan);
    if (pid > 0) {
      setpgid(pid, pid);
      RegisterGroup(pid);
    }
    const int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid > 0 ? pid : -error;
  });
  if (impl->pid < 0)
    throw Error(ErrorCode::kUnavailable,
                fmt::format("{}: cannot start a process: {}", program, std::strerror(-impl->pid)));
  in.read.Close();
  out.write.Close();
  err.write.Close();
  report.write.Close();
  impl->in = std::move(in.write);
  impl->out = std::move(out.read);
  impl->err = std::move(err.read);
  for (const int fd : {impl->in.get(), impl->out.get(), impl->err.get()}) NonBlocking(fd);
  // The logger exists before a thread logs: how its library orders that itself, a thread sanitizer cannot see.
  spdlog::default_logger_raw();
  impl->reader = std::thread([raw = impl.get()] { raw->ReadStderr(); });

  std::unique_ptr<Process> process(new Process(std::move(impl)));
  int error = 0;
  ssize_t got = 0;
  // exec closes the report pipe: end of file means that the program runs.
  do got = read(report.read.get(), &error, sizeof(error));
  while (got < 0 && errno == EINTR);
  if (got == sizeof(error)) throw Error(ErrorCode::kEngineFailed, fmt::format("{} {}", program, ExecText(error)));
  return process;
}

int Process::in() const {
  return impl_->in.get();
}
int Process::out() const {
  return impl_->out.get();
}
pid_t Process::pid() const {
  return impl_->pid;
}
void Process::CloseIn() {
  impl_->in.Close();
}

void Process::Stop(std::chrono::milliseconds grace) {
  if (impl_->reaped && !impl_->reader.joinable()) return;
  const auto deadline = Clock::now() + grace;
  auto pause = 200us;
  while (!impl_->Ended() && Clock::now() < deadline) {
    std::this_thread::sleep_for(pause);
    pause = std::min<std::chrono::microseconds>(pause * 2, 10ms);
  }
  if (!impl_->reaped) {
    impl_->killed = !impl_->Ended();
    // Also when the leader has ended by itself: what it started belongs to its group.
    kill(-impl_->pid, SIGKILL);
    impl_->Reap();
    if (impl_->out_of_memory_kills) {
      const auto now = core::OutOfMemoryKills();
      impl_->out_of_memory_kills = now ? std::optional(*now - *impl_->out_of_memory_kills) : std::nullopt;
    }
  }
  ForgetGroup(impl_->pid);
  impl_->in.Close();
  if (impl_->reader.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t put = write(impl_->stop.get(), &one, sizeof(one));
    impl_->reader.join();
  }
}

bool Process::was_killed() const {
  return impl_->killed;
}
int Process::exit_code() const {
  return WIFEXITED(impl_->status) ? WEXITSTATUS(impl_->status) : -1;
}

int Process::end_signal() const {
  return WIFSIGNALED(impl_->status) ? WTERMSIG(impl_->status) : 0;
}
std::optional<int64_t> Process::out_of_memory_kills() const {
  return impl_->out_of_memory_kills;
}

std::string Process::EndText() const {
  if (impl_->killed) return "was killed by the host";
  if (WIFEXITED(impl_->status)) return fmt::format("ended with exit code {}", WEXITSTATUS(impl_->status));
  const int number = WTERMSIG(impl_->status);
  const char* abbreviation = sigabbrev_np(number);
  return fmt::format("was killed by {} ({})",
                     abbreviation ? fmt::format("SIG{}", abbreviation) : fmt::format("signal {}", number),
                     strsignal(number));
}

std::string Process::Stderr() const {
  const std::lock_guard lock(impl_->mutex);
  // The reader may not have had its turn yet: what the child wrote before this call must be in the answer.
  impl_->Drain();
  return impl_->ring;
}

std::string FindProgram(const std::string& word) {
  if (word.find('/') != std::string::npos) {
    if (access(word.c_str(), F_OK) != 0) throw Error(ErrorCode::kNotFound, fmt::format("{}: no such program", word));
    return word;
  }
  const char* path = std::getenv("PATH");
  for (const std::string& folder : core::Split(path ? path : "/usr/bin:/bin", ':')) {
    std::string candidate = (folder.empty() ? "." : folder) + "/" + word;
    struct stat status{};
    if (stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode) && access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  throw Error(ErrorCode::kNotFound, fmt::format("'{}' is not on the PATH", word));
}

std::string LastLines(const std::string& text, size_t lines) {
  constexpr size_t kMostBytes = 2000, kMostOfLine = 300;
  std::string clean;
  size_t column = 0;
  for (const char c : text) {
    column = c == '\n' ? 0 : column + 1;
    if (column == kMostOfLine + 1) clean += "...";
    if (column > kMostOfLine) continue;
    if (c == '\n' || c == '\t' || static_cast<unsigned char>(c) >= 0x20) clean += c;
  }
  clean.erase(clean.find_last_not_of(" \t\n") + 1);
  size_t begin = clean.size();
  while (begin > 0 && lines > 0) {
    const size_t end = clean.rfind('\n', begin - 1);
    begin = end == std::string::npos ? 0 : end;
    --lines;
  }
  if (begin < clean.size() && clean[begin] == '\n') ++begin;
  clean.erase(0, begin);
  if (clean.size() > kMostBytes) clean = "..." + clean.substr(clean.size() - kMostBytes);
  return clean;
}

}  // namespace bakeoff::worker
