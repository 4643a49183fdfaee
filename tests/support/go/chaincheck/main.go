// SPDX-License-Identifier: Apache-2.0

// chaincheck judges a chain with Go's crypto/x509: chaincheck ROOT CHAIN CERTIFICATE. Extended usages are
// nested as Go does it, any of them will do. Two critical extensions count as known although Go reports a
// form within them that it does not know: alternative names with a hardware module, and name constraints
// with a directory name, of which Go still applies all others.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

func fail(format string, arguments ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(1)
}

func read(path string) []*x509.Certificate {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	var found []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			fail("%s: %v", path, err)
		}
		found = append(found, certificate)
	}
	return found
}

var alternativeNames = asn1.ObjectIdentifier{2, 5, 29, 17}
var nameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

// The OID of hardwareModuleName, 1.3.6.1.5.5.7.8.4, as it stands in an otherName.
var hardwareModule = []byte{0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x04}

// The directory name [4] that begins with a country, as it stands in a subtree.
var directoryName = []byte{0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06}

func know(certificate *x509.Certificate) {
	var left []asn1.ObjectIdentifier
	for _, oid := range certificate.UnhandledCriticalExtensions {
		known := false
		for _, extension := range certificate.Extensions {
			if !extension.Id.Equal(oid) {
				continue
			}
			known = known ||
				(oid.Equal(alternativeNames) && bytes.Contains(extension.Value, hardwareModule)) ||
				(oid.Equal(nameConstraints) && bytes.Contains(extension.Value, directoryName))
		}
		if !known {
			left = append(left, oid)
		}
	}
	certificate.UnhandledCriticalExtensions = left
}

func main() {
	if len(os.Args) != 4 {
		fail("usage: chaincheck ROOT CHAIN CERTIFICATE")
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range read(os.Args[1]) {
		roots.AddCert(root)
	}
	for _, ca := range read(os.Args[2]) {
		know(ca)
		between.AddCert(ca)
	}
	own := read(os.Args[3])
	if len(own) != 1 {
		fail("%s: not one certificate", os.Args[3])
	}
	know(own[0])
	options := x509.VerifyOptions{Roots: roots, Intermediates: between,
		CurrentTime: own[0].NotBefore.Add(time.Minute),
		KeyUsages:   []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	chains, err := own[0].Verify(options)
	if err != nil {
		fail("%v", err)
	}
	fmt.Printf("%d levels\n", len(chains[0]))
}
