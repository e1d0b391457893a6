// Wake-ups between the processes of one machine, by datagrams.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "adapters/local_notifier/local_notifier.h"
#include "adapters/local_notifier/outgoing_topics.h"
#include "base/process_folder.h"
#include "base/random.h"

namespace tintype {

// Each process has a Unix socket in a folder of its own under a common one, and tells all others there; also those in
// other containers that share it. One thread receives and sends. Whoever reads too slowly is told once, later, that he
// has missed something.
class SocketNotifier final : public Notifier {
 public:
  // Throws std::exception when there can be no sockets in `folder`.
  SocketNotifier(const std::filesystem::path& folder, Random& random);
  ~SocketNotifier() override;  // what was notified before has been sent

  void notify(std::string_view topic) override;
  Subscription subscribe(std::string_view topic, std::function<void()> wake) override;
  void unsubscribe(Subscription subscription) override;

 private:
  // A descriptor that is closed with its owner.
  struct Descriptor {
    explicit Descriptor(int opened) : number(opened) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    const int number;
  };

  void run();
  void receive();
  void tell(const std::vector<std::string>& letters);
  bool send(const std::string& name, std::string_view letter);

  ProcessFolder own_;
  const Descriptor folder_;
  const Descriptor socket_;
  LocalNotifier local_;
  OutgoingTopics outgoing_;
  Doorbell stop_;
  std::set<std::string> behind_;  // processes whose queue was full
  std::thread thread_;            // last: it uses all of the above
};

}  // namespace tintype
