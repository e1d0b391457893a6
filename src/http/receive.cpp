#include "http/receive.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace tintype::http {

namespace {

constexpr std::size_t kPieceBytes = 128 * 1024;  // fits into a core's second cache with what hashes and writes it

}  // namespace

Received receive_available(int socket, std::int64_t bytes_max, FunctionRef<Result<void>(std::string_view)> take) {
  thread_local std::array<std::vector<char>, 2> pieces = {std::vector<char>(kPieceBytes),
                                                          std::vector<char>(kPieceBytes)};
  Received received;
  for (std::size_t turn = 0; received.bytes < bytes_max;) {
    std::vector<char>& piece = pieces[turn];
    const auto wanted = std::min(static_cast<std::int64_t>(piece.size()), bytes_max - received.bytes);
    const ssize_t count = ::recv(socket, piece.data(), static_cast<std::size_t>(wanted), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0) {
      received.ended = true;
      break;
    }
    received.bytes += count;
    turn = 1 - turn;
    received.taken = take({piece.data(), static_cast<std::size_t>(count)});
    if (!received.taken) break;
  }
  return received;
}

}  // namespace tintype::http
