//===- OpenSsl.h - Owning handles of OpenSSL's objects ----------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to runtime/rpc.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_OPENSSL_H
#define LCP_RUNTIME_RPC_OPENSSL_H

#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace lcp::rt::openssl {

template <auto Free> struct FreeWith {
  template <typename T> void operator()(T *object) const { Free(object); }
};
template <typename T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

using Bio = Handle<BIO, BIO_free>;
using Certificate = Handle<X509, X509_free>;
using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using RevocationList = Handle<X509_CRL, X509_CRL_free>;
using Store = Handle<X509_STORE, X509_STORE_free>;
using StoreContext = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;
using Context = Handle<SSL_CTX, SSL_CTX_free>;
using Connection = Handle<SSL, SSL_free>;

inline void freeStack(STACK_OF(X509) * stack) { sk_X509_free(stack); }
/// Does not own the certificates on it.
using Stack = Handle<STACK_OF(X509), freeStack>;

} // namespace lcp::rt::openssl

#endif // LCP_RUNTIME_RPC_OPENSSL_H
