// A real name server for tests, on a port of its own: it knows what it is told, and counts what it is asked.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tintype::test {

// One answer to a question for addresses (RFC 1035); those of the other family are left out.
struct DnsAnswer {
  std::vector<std::string> addresses;
  std::uint32_t ttl_seconds = 0;
};

class DnsServer {
 public:
  DnsServer() {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (socket_ < 0 || ::bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("no port for a name server");
    }
    address_ = address;
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsServer() {
    is_ending_ = true;
    const int waker = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ::sendto(waker, "", 1, 0, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    thread_.join();
    ::close(waker);
    ::close(socket_);
  }
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;

  // As in the key egress.resolvers.
  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

  // Each look-up of the name takes the next answer, and the last one stays. Names that nobody has told it do not exist.
  void tell(const std::string& name, std::vector<DnsAnswer> answers) {
    std::lock_guard lock(mutex_);
    names_[name] = std::move(answers);
  }
  // Takes questions for this name and never answers.
  void keep_silent_about(const std::string& name) { tell(name, {}); }

  // How often a name was asked for: the IPv4 addresses, or the IPv6 ones.
  int ipv4_questions(const std::string& name) { return questions(name, kIpv4); }
  int ipv6_questions(const std::string& name) { return questions(name, kIpv6); }
  void wait_for_question(const std::string& name) {
    std::unique_lock lock(mutex_);
    asked_.wait(lock, [&] { return questions_.contains({name, kIpv4}); });
  }
  int all_questions() {
    std::lock_guard lock(mutex_);
    int count = 0;
    for (const auto& [question, times] : questions_) count += times;
    return count;
  }

 private:
  static constexpr std::uint16_t kIpv4 = 1;   // A
  static constexpr std::uint16_t kIpv6 = 28;  // AAAA
  static constexpr std::size_t kHeaderBytes = 12;
  static constexpr std::uint8_t kNoSuchName = 3;

  int questions(const std::string& name, std::uint16_t type) {
    std::lock_guard lock(mutex_);
    const auto found = questions_.find({name, type});
    return found == questions_.end() ? 0 : found->second;
  }

  void serve() {
    while (true) {
      std::uint8_t bytes[1'500];
      sockaddr_in from{};
      socklen_t length = sizeof from;
      const ssize_t count = ::recvfrom(socket_, bytes, sizeof bytes, 0, reinterpret_cast<sockaddr*>(&from), &length);
      if (is_ending_) return;
      if (count < static_cast<ssize_t>(kHeaderBytes)) continue;
      const auto answer = answer_to({bytes, bytes + count}, from);
      if (!answer.empty()) {
        ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), length);
      }
    }
  }

  std::vector<std::uint8_t> answer_to(const std::vector<std::uint8_t>& query, const sockaddr_in& from) {
    std::string name;
    std::size_t at = kHeaderBytes;
    while (at < query.size() && query[at] != 0 && at + query[at] < query.size()) {
      if (!name.empty()) name.push_back('.');
      for (std::size_t i = 1; i <= query[at]; ++i) name.push_back(static_cast<char>(std::tolower(query[at + i])));
      at += query[at] + 1U;
    }
    if (at + 5 > query.size()) return {};
    const auto type = static_cast<std::uint16_t>(query[at + 1] << 8 | query[at + 2]);
    std::vector<std::uint8_t> out(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(at) + 5);
    std::lock_guard lock(mutex_);
    // Who has waited too long for an answer of a slow machine says the same again: that is one question.
    const auto [said, is_new] = said_.try_emplace({from.sin_port, {query.begin(), query.end()}}, 0);
    if (is_new) said->second = questions_[{name, type}]++;
    const int asked_before = said->second;
    asked_.notify_all();
    const auto known = names_.find(name);
    if (known != names_.end() && known->second.empty()) return {};
    std::uint8_t records = 0;
    if (known != names_.end()) {
      const std::size_t turn = std::min<std::size_t>(static_cast<std::size_t>(asked_before), known->second.size() - 1);
      records = append(out, known->second[turn], type);
    }
    out[2] = 0x81;  // an answer, recursion desired and available
    out[3] = static_cast<std::uint8_t>(0x80 | (known == names_.end() ? kNoSuchName : 0));
    std::fill(out.begin() + 6, out.begin() + kHeaderBytes, std::uint8_t{0});
    out[7] = records;
    return out;
  }

  static std::uint8_t append(std::vector<std::uint8_t>& out, const DnsAnswer& answer, std::uint16_t type) {
    std::uint8_t records = 0;
    for (const std::string& address : answer.addresses) {
      const bool is_ipv6 = address.find(':') != std::string::npos;
      if ((type == kIpv6) != is_ipv6 || (type != kIpv4 && type != kIpv6)) continue;
      std::uint8_t data[16];
      ::inet_pton(is_ipv6 ? AF_INET6 : AF_INET, address.c_str(), data);
      const std::size_t size = is_ipv6 ? 16 : 4;
      const std::uint32_t ttl = answer.ttl_seconds;
      // The name is where the question has it.
      const std::uint8_t head[] = {0xc0,
                                   kHeaderBytes,
                                   0,
                                   static_cast<std::uint8_t>(type),
                                   0,
                                   1,
                                   static_cast<std::uint8_t>(ttl >> 24),
                                   static_cast<std::uint8_t>(ttl >> 16),
                                   static_cast<std::uint8_t>(ttl >> 8),
                                   static_cast<std::uint8_t>(ttl),
                                   0,
                                   static_cast<std::uint8_t>(size)};
      out.insert(out.end(), std::begin(head), std::end(head));
      out.insert(out.end(), data, data + size);
      ++records;
    }
    return records;
  }

  int socket_ = -1;
  sockaddr_in address_{};
  std::atomic<bool> is_ending_ = false;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::map<std::string, std::vector<DnsAnswer>> names_;
  std::map<std::pair<std::string, std::uint16_t>, int> questions_;
  std::map<std::pair<in_port_t, std::vector<std::uint8_t>>, int> said_;  // how often it had been asked before
  std::thread thread_;
};

}  // namespace tintype::test
