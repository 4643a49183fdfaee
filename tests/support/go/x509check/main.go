// SPDX-License-Identifier: Apache-2.0

// x509check judges a root and its CRLs with Go's crypto/x509: x509check ROOT CRL...
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func read(path, label string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	block, rest := pem.Decode(data)
	if block == nil || block.Type != label || len(rest) != 0 {
		fail("%s: not one PEM block %q", path, label)
	}
	return block.Bytes
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: x509check ROOT CRL...")
	}
	root, err := x509.ParseCertificate(read(os.Args[1], "CERTIFICATE"))
	if err != nil {
		fail("%s: %v", os.Args[1], err)
	}
	if bytes.Equal(root.RawIssuer, root.RawSubject) { // a root; else only its CRLs are judged
		if err := root.CheckSignatureFrom(root); err != nil {
			fail("%s: %v", os.Args[1], err)
		}
		pool := x509.NewCertPool()
		pool.AddCert(root)
		options := x509.VerifyOptions{Roots: pool, CurrentTime: root.NotBefore.Add(time.Hour),
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
		if _, err := root.Verify(options); err != nil {
			fail("%s: %v", os.Args[1], err)
		}
	}
	if !root.IsCA || len(root.UnhandledCriticalExtensions) != 0 {
		fail("%s: not a CA, or a critical extension that Go does not know", os.Args[1])
	}
	for _, path := range os.Args[2:] {
		crl, err := x509.ParseRevocationList(read(path, "X509 CRL"))
		if err != nil {
			fail("%s: %v", path, err)
		}
		if err := crl.CheckSignatureFrom(root); err != nil {
			fail("%s: %v", path, err)
		}
		if crl.Number == nil || crl.NextUpdate.IsZero() {
			fail("%s: no number or no next update", path)
		}
		fmt.Printf("%s: number %v, %d revoked\n", path, crl.Number, len(crl.RevokedCertificates))
	}
}
