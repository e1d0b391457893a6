// Owners of what OpenSSL gives out: OpensslHandle<EVP_PKEY_free> owns an EVP_PKEY.
#pragma once

#include <memory>

namespace tintype {

template <typename T>
struct OpensslFree;
template <typename Answer, typename T>
struct OpensslFree<Answer (*)(T*)> {
  using Type = T;
};

template <auto kFree>
struct OpensslDeleter {
  void operator()(typename OpensslFree<decltype(kFree)>::Type* given) const { kFree(given); }
};

template <auto kFree>
using OpensslHandle = std::unique_ptr<typename OpensslFree<decltype(kFree)>::Type, OpensslDeleter<kFree>>;

}  // namespace tintype
