// SPDX-License-Identifier: Apache-2.0

// batchpeer signs certificates for all requests (PEM) of a folder with Go's crypto/x509, by a key of a token or of a
// file: what a small program of the same purpose costs. It checks possession, and CreateCertificate verifies what was
// signed. usage: batchpeer ISSUER.pem REQUESTS WORKERS (KEY.pem | MODULE PIN) >certificates
package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/miekg/pkcs11"
)

// tokenKey signs digests with CKM_ECDSA, in a session of its own.
type tokenKey struct {
	context *pkcs11.Ctx
	session pkcs11.SessionHandle
	key     pkcs11.ObjectHandle
	public  crypto.PublicKey
}

func (k *tokenKey) Public() crypto.PublicKey { return k.public }

func (k *tokenKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)}
	if err := k.context.SignInit(k.session, mechanism, k.key); err != nil {
		return nil, err
	}
	raw, err := k.context.Sign(k.session, digest)
	if err != nil {
		return nil, err
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "batchpeer:", err)
		os.Exit(1)
	}
}

func readPEM(path string) []byte {
	data, err := os.ReadFile(path)
	must(err)
	block, _ := pem.Decode(data)
	if block == nil {
		must(fmt.Errorf("%s holds no PEM block", path))
	}
	return block.Bytes
}

func fileSigners(path string, count int) []crypto.Signer {
	key, err := x509.ParsePKCS8PrivateKey(readPEM(path))
	must(err)
	signers := make([]crypto.Signer, count)
	for i := range signers {
		signers[i] = key.(*ecdsa.PrivateKey)
	}
	return signers
}

func tokenSigners(module, pin string, public crypto.PublicKey, count int) []crypto.Signer {
	context := pkcs11.New(module)
	must(context.Initialize())
	slots, err := context.GetSlotList(true)
	must(err)
	signers := make([]crypto.Signer, count)
	for i := range signers {
		session, err := context.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION)
		must(err)
		if i == 0 {
			must(context.Login(session, pkcs11.CKU_USER, pin))
		}
		must(context.FindObjectsInit(session, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY)}))
		keys, _, err := context.FindObjects(session, 1)
		must(err)
		must(context.FindObjectsFinal(session))
		if len(keys) != 1 {
			must(fmt.Errorf("the token has no private key"))
		}
		signers[i] = &tokenKey{context, session, keys[0], public}
	}
	return signers
}

func sign(issuer *x509.Certificate, signer crypto.Signer, path string) []byte {
	request, err := x509.ParseCertificateRequest(readPEM(path))
	must(err)
	must(request.CheckSignature())
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 159))
	must(err)
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               request.Subject,
		NotBefore:             time.Now(),
		NotAfter:              time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, request.PublicKey, signer)
	must(err)
	return der
}

func main() {
	if len(os.Args) != 5 && len(os.Args) != 6 {
		must(fmt.Errorf("usage: batchpeer ISSUER.pem REQUESTS WORKERS (KEY.pem | MODULE PIN)"))
	}
	issuer, err := x509.ParseCertificate(readPEM(os.Args[1]))
	must(err)
	names, err := filepath.Glob(filepath.Join(os.Args[2], "*.pem"))
	must(err)
	workers, err := strconv.Atoi(os.Args[3])
	must(err)
	var signers []crypto.Signer
	if len(os.Args) == 5 {
		signers = fileSigners(os.Args[4], workers)
	} else {
		signers = tokenSigners(os.Args[4], os.Args[5], issuer.PublicKey, workers)
	}
	todo := make(chan string, workers)
	done := make(chan []byte, workers)
	var group sync.WaitGroup
	for _, signer := range signers {
		group.Add(1)
		go func(signer crypto.Signer) {
			defer group.Done()
			for name := range todo {
				done <- sign(issuer, signer, name)
			}
		}(signer)
	}
	go func() {
		for _, name := range names {
			todo <- name
		}
		close(todo)
		group.Wait()
		close(done)
	}()
	out := bufio.NewWriter(os.Stdout)
	for der := range done {
		must(pem.Encode(out, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	must(out.Flush())
}
