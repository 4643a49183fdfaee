// SPDX-License-Identifier: Apache-2.0

import java.io.FileInputStream;
import java.security.cert.CRL;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Judges CRLs with Java's PKIX. CrlCheck ISSUER CRL: is it whole and its issuer's? CrlCheck ROOT CHAIN CRLS, the chain's
 * first certificate being the one in question: "good" or "revoked".
 */
public final class CrlCheck {
    private static CertificateFactory factory;

    private static List<X509Certificate> certificates(String path) throws Exception {
        List<X509Certificate> found = new ArrayList<>();
        try (FileInputStream in = new FileInputStream(path)) {
            for (Certificate one : factory.generateCertificates(in))
                found.add((X509Certificate) one);
        }
        return found;
    }

    private static Collection<? extends CRL> lists(String path) throws Exception {
        try (FileInputStream in = new FileInputStream(path)) {
            return factory.generateCRLs(in);
        }
    }

    private static void validate(X509Certificate anchor, List<X509Certificate> path, String crls) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        parameters.setRevocationEnabled(crls != null);
        if (crls != null) {
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            checker.setOptions(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
            parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists(crls))));
        }
        validator.validate(factory.generateCertPath(path), parameters);
    }

    /** The whole chain without CRLs, then the first certificate below its issuer with them. */
    private static String status(String root, String chain, String crls) throws Exception {
        List<X509Certificate> path = certificates(chain);
        X509Certificate anchor = certificates(root).get(0);
        validate(anchor, path, null);
        try {
            validate(path.size() > 1 ? path.get(1) : anchor, path.subList(0, 1), crls);
            return "good";
        } catch (CertPathValidatorException e) {
            if (e.getReason() == BasicReason.REVOKED)
                return "revoked";
            throw e;
        }
    }

    public static void main(String[] words) {
        try {
            factory = CertificateFactory.getInstance("X.509");
            if (words.length == 3) {
                System.out.println(status(words[0], words[1], words[2]));
                return;
            }
            X509Certificate issuer = certificates(words[0]).get(0);
            for (CRL one : lists(words[1])) {
                X509CRL list = (X509CRL) one;
                list.verify(issuer.getPublicKey());
                if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal()))
                    throw new Exception("another issuer");
            }
        } catch (Exception e) {
            System.err.println(e);
            System.exit(1);
        }
    }
}
