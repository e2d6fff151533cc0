import com.pulumi.Pulumi;
import com.pulumi.asset.FileArchive;
import io.github.reventless.Platform;
import io.github.reventless.PlatformArgs;
import io.github.reventless.Plugin;
import io.github.reventless.PluginArgs;
import io.github.reventless.enums.AuthenticationMode;
import io.github.reventless.enums.BucketContent;
import io.github.reventless.inputs.AggregateArgs;
import io.github.reventless.inputs.AlarmsArgs;
import io.github.reventless.inputs.BucketArgs;
import io.github.reventless.inputs.QueryArgs;
import io.github.reventless.inputs.ReadModelArgs;
import io.github.reventless.inputs.SourceArgs;
import io.github.reventless.inputs.TaskArgs;
import java.util.Map;

/** The online shop's catalog and its platform, as a program in Java would declare them. */
public final class Shop {
    public static void main(String[] args) {
        Pulumi.run(context -> {
            var platform = new Platform("platform", PlatformArgs.builder()
                .authenticationModes(AuthenticationMode.ApiKey)
                .build());
            var catalog = new Plugin("catalog", PluginArgs.builder()
                .platform(platform.connection())
                .code(new FileArchive("../catalog/src"))
                .schema("type Query { product(id: ID!): Product } type Product { id: ID! }")
                .alarms(AlarmsArgs.builder().topicArn(platform.apiArn()).build())
                .aggregates(Map.of("Product", AggregateArgs.builder().commands(Map.of("addProduct", "AddProduct")).build()))
                .readModels(Map.of("Products", ReadModelArgs.builder()
                    .from(SourceArgs.builder().aggregate("Product").build())
                    .queries(Map.of("product", QueryArgs.builder().get("id").build()))
                    .build()))
                .tasks(Map.of("ImportProducts", TaskArgs.builder()
                    .bucket(BucketArgs.builder().suffix(".csv").content(BucketContent.Lines).build())
                    .build()))
                .build());
            context.export("url", platform.graphqlUrl());
            context.export("_interopMeta", catalog.interopMeta());
        });
    }
}
